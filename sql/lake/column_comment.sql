-- one row is: nothing; it gives a column of a view its comment
-- parameters: {table}, {column}, {comment}, all from user_intel/tables/ (DDL binds none)
-- from: the views of sql/lake/view.sql
-- read by: user_intel/lake.py, once for each column
comment on column "{table}"."{column}" is '{comment}';
