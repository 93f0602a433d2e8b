//! Tables `identity_claim`, and what of `identity_task` concerns claims alone.

use crate::store::{StoreError, Tx};

/// What lies beside a claim's task.
#[derive(sqlx::FromRow)]
pub(in crate::identity) struct ClaimRow {
    pub(in crate::identity) attributes: Vec<u8>,
    pub(in crate::identity) biometrics: Option<Vec<u8>>,
}

pub(in crate::identity) async fn insert(tx: &mut Tx, task: i64, row: &ClaimRow) -> Result<(), StoreError> {
    let sql = "INSERT INTO identity_claim (task, attributes, biometrics) VALUES ($1, $2, $3)";
    crate::execute!(tx, sql, task, &row.attributes, &row.biometrics)?;
    Ok(())
}

pub(in crate::identity) async fn find(tx: &mut Tx, task: i64) -> Result<Option<ClaimRow>, StoreError> {
    let sql = "SELECT attributes, biometrics FROM identity_claim WHERE task = $1";
    crate::fetch_optional!(tx, ClaimRow, sql, task)
}

/// Nobody is sought by it any more.
pub(in crate::identity) async fn forget(tx: &mut Tx, task: i64) -> Result<(), StoreError> {
    crate::execute!(tx, "DELETE FROM identity_claim WHERE task = $1", task)?;
    Ok(())
}

/// Takes a task away, with all that lies beside it.
pub(in crate::identity) async fn remove(tx: &mut Tx, task: i64) -> Result<(), StoreError> {
    forget(tx, task).await?;
    super::calls::close(tx, task).await?;
    crate::execute!(tx, "DELETE FROM identity_task WHERE enrollment = $1", task)?;
    Ok(())
}
