-- UINs are gone through in this order when they are sealed and hashed anew.
CREATE INDEX uin_issued_id ON uin_issued (id);
