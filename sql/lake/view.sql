-- one row is: what the table's own comment says
-- parameters: {table}, {columns}, {root}, {comment}, all from user_intel/tables/ and the settings (DDL binds none)
-- from: lake/<table>/*/data.parquet
-- read by: user_intel/lake.py, once for each table
create or replace view "{table}" as
select {columns}
from read_parquet('{root}/{table}/*/data.parquet', hive_partitioning = false, union_by_name = true);
comment on view "{table}" is '{comment}';
