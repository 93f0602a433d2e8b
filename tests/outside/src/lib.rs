//! The server seen from outside: processes, sockets, foreign clients.
