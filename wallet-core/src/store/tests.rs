use super::*;
use async_trait::async_trait;
use futures::executor::block_on;
use serde_json::{Value, json};

struct Plain;

#[async_trait]
impl DataKeyWrap for Plain {
    async fn wrap_key(&self, plain: Vec<u8>) -> Result<Vec<u8>, KeyError> {
        Ok(plain.iter().map(|byte| byte ^ 0x5a).collect())
    }
    async fn unwrap_key(&self, wrapped: Vec<u8>) -> Result<Vec<u8>, KeyError> {
        self.wrap_key(wrapped).await
    }
}

struct Lost;

#[async_trait]
impl DataKeyWrap for Lost {
    async fn wrap_key(&self, _: Vec<u8>) -> Result<Vec<u8>, KeyError> {
        Err(KeyError::Invalidated)
    }
    async fn unwrap_key(&self, _: Vec<u8>) -> Result<Vec<u8>, KeyError> {
        Err(KeyError::Invalidated)
    }
}

fn open(path: &Path, schema: Schema) -> Result<(Store, bool), StoreError> {
    block_on(Store::open(path, schema, &Plain, Arc::new(crate::ports::SystemRng)))
}

#[test]
fn records_survive_and_the_file_tells_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("wallet.redb");
    {
        let (store, _) = open(&path, CURRENT).unwrap();
        let put = Change::put(table::BINDINGS, "marker-id-4711", &json!({"name": "MARKER-CONTENT"})).unwrap();
        store.write(&[put]).unwrap();
    }
    let bytes = std::fs::read(&path).unwrap();
    for marker in [&b"marker-id-4711"[..], b"MARKER-CONTENT", b"bindings"] {
        assert!(!bytes.windows(marker.len()).any(|window| window == marker));
    }
    let (store, migrated) = open(&path, CURRENT).unwrap();
    assert!(!migrated);
    let found: Option<Value> = store.get(table::BINDINGS, "marker-id-4711").unwrap();
    assert_eq!(found, Some(json!({"name": "MARKER-CONTENT"})));
    assert_eq!(store.all::<Value>(table::BINDINGS).unwrap().len(), 1);
    assert!(store.all::<Value>(table::ACTIVITY).unwrap().is_empty());
    store.write(&[Change::delete(table::BINDINGS, "marker-id-4711")]).unwrap();
    assert!(store.get::<Value>(table::BINDINGS, "marker-id-4711").unwrap().is_none());
}

#[test]
fn a_record_moved_to_another_place_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let (store, _) = open(&folder.path().join("w"), CURRENT).unwrap();
    store
        .write(&[Change::put(table::BINDINGS, "a", &1).unwrap(), Change::put(table::BINDINGS, "b", &2).unwrap()])
        .unwrap();
    let (a, b) = (store.seal.name(table::BINDINGS, "a").unwrap(), store.seal.name(table::BINDINGS, "b").unwrap());
    let write = store.file.begin_write().unwrap();
    {
        let mut records = write.open_table(RECORDS).unwrap();
        let sealed = records.get(a.as_slice()).unwrap().unwrap().value().to_vec();
        records.insert(b.as_slice(), sealed.as_slice()).unwrap();
    }
    write.commit().unwrap();
    assert_eq!(store.get::<u32>(table::BINDINGS, "a"), Ok(Some(1)));
    assert_eq!(store.get::<u32>(table::BINDINGS, "b"), Err(StoreError::Corrupt));
}

fn rename(table: &str, mut content: Value) -> Option<Value> {
    if table == table::BINDINGS {
        let old = content.as_object_mut()?.remove("old")?;
        content.as_object_mut()?.insert("new".into(), old);
    }
    Some(content)
}

fn drop_activity(table: &str, content: Value) -> Option<Value> {
    (table != table::ACTIVITY).then_some(content)
}

#[test]
fn an_old_store_is_brought_to_the_new_schema_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("w");
    let old = Schema { version: 1, steps: &[] };
    let new = Schema { version: 3, steps: &[rename, drop_activity] };
    {
        let (store, _) = open(&path, old).unwrap();
        let binding = Change::put(table::BINDINGS, "b", &json!({"old": 7})).unwrap();
        let entry = Change::put(table::ACTIVITY, "x", &json!({})).unwrap();
        store.write(&[binding, entry]).unwrap();
    }
    {
        let (store, migrated) = open(&path, new).unwrap();
        assert!(migrated);
        assert_eq!(store.get::<Value>(table::BINDINGS, "b").unwrap(), Some(json!({"new": 7})));
        assert!(store.all::<Value>(table::ACTIVITY).unwrap().is_empty());
    }
    assert!(!open(&path, new).unwrap().1);
    assert_eq!(open(&path, old).err(), Some(StoreError::TooNew));
}

#[test]
fn one_process_opens_a_file_once_and_a_lost_key_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("w");
    let (store, _) = open(&path, CURRENT).unwrap();
    assert_eq!(open(&path, CURRENT).err(), Some(StoreError::InUse));
    drop(store);
    let lost = block_on(Store::open(&path, CURRENT, &Lost, Arc::new(crate::ports::SystemRng)));
    assert_eq!(lost.err(), Some(StoreError::Wrap(KeyError::Invalidated)));
}
