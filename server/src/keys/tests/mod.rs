mod encryption;
mod publishing;
mod rotating;
mod verifying;
