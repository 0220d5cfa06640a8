SELECT filing,
  toInt64(ifNull(sumIf(value, true AND bit = 1), 0)), countIf(true), groupBitOrIf(bit, true), anyIf(raw, true AND bit > 2)
FROM (
  SELECT filing, value, raw,
    multiIf(state = 'number', if(value >= 0 AND value < 1000000000000000 AND value = floor(value), 1, 128),
      state = 'blank', if(settled_by = '', 4, 2), state = 'dash', 8, state = 'na', 16, state = 'text', 32, 64)::UInt8 AS bit
  FROM (
    SELECT filing, tbl, row, col, value, state, settled_by, raw FROM cells WHERE year BETWEEN {from:UInt16} AND {to:UInt16} AND ((tbl = {tbl0:String} AND row IN {rows0:Array(String)} AND col = {col0:String}))
      AND (filing, tbl, row, col) NOT IN (SELECT filing, tbl, row, col FROM (visible corrections))
    UNION ALL
    SELECT filing, tbl, row, col, value, state, '', '' FROM (visible corrections) WHERE year BETWEEN {from:UInt16} AND {to:UInt16} AND ((tbl = {tbl0:String} AND row IN {rows0:Array(String)} AND col = {col0:String}))
  )
)
GROUP BY filing
-- from = 2022
-- to = 2023
-- tbl0 = section3
-- rows0 = [R6]
-- col0 = total
-- as_of = 1712020440000000
