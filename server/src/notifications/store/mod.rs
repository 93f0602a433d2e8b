//! Tables `notification_topic`, `notification_subscription` and `notification_delivery`.

pub(super) mod carried;
mod deliveries;
mod subscriptions;
mod topics;

pub(super) use deliveries::*;
pub(super) use subscriptions::*;
pub(super) use topics::*;
