CREATE TABLE order_detail (
    book_id INTEGER NOT NULL,
    order_id TEXT NOT NULL,
    place INTEGER NOT NULL,
    means TEXT NOT NULL,
    stated_at TEXT NOT NULL,
    distance_metres INTEGER,
    limit_metres INTEGER NOT NULL,
    word TEXT NOT NULL,
    record_id TEXT NOT NULL,
    PRIMARY KEY (book_id, order_id, place),
    CONSTRAINT order_detail_distance CHECK (distance_metres >= 0),
    CONSTRAINT order_detail_limit CHECK (limit_metres >= 0)
)
 WITHOUT ROWID,
 STRICT
;
CREATE TRIGGER order_detail_no_update BEFORE UPDATE ON order_detail BEGIN SELECT RAISE(ABORT, 'order_detail is append-only'); END
;
CREATE TRIGGER order_detail_no_delete BEFORE DELETE ON order_detail BEGIN SELECT RAISE(ABORT, 'order_detail is append-only'); END
;
CREATE TRIGGER order_detail_no_replace BEFORE INSERT ON order_detail WHEN EXISTS (SELECT 1 FROM order_detail WHERE book_id = NEW.book_id AND order_id = NEW.order_id AND place = NEW.place) BEGIN SELECT RAISE(ABORT, 'order_detail is append-only'); END
;
