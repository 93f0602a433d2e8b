//! OSIA's interfaces from outside, by the ids of the requirements. Each on SQLite and on PostgreSQL.

mod registry;
