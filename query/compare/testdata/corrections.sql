SELECT filing, tbl, row, col FROM (visible corrections) WHERE year BETWEEN {from:UInt16} AND {to:UInt16} ORDER BY filing, tbl, row, col
-- as_of = 1712020440000000
-- from = 2022
-- to = 2023
