CREATE TABLE order_detail (
    book_id BIGINT NOT NULL,
    order_id TEXT NOT NULL,
    place BIGINT NOT NULL,
    means TEXT NOT NULL,
    stated_at TEXT NOT NULL,
    distance_metres BIGINT,
    limit_metres BIGINT NOT NULL,
    word TEXT NOT NULL,
    record_id TEXT NOT NULL,
    PRIMARY KEY (book_id, order_id, place),
    CONSTRAINT order_detail_distance CHECK (distance_metres >= 0),
    CONSTRAINT order_detail_limit CHECK (limit_metres >= 0)
)
;
CREATE TRIGGER order_detail_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON order_detail FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
;
