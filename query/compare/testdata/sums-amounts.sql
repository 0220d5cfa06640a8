SELECT filing,
  toInt64(ifNull(sumIf(value, true AND bit = 1), 0) * 100000000), countIf(true), groupBitOrIf(bit, true), anyIf(raw, true AND bit > 2)
FROM (
  SELECT filing, value, raw,
    multiIf(state = 'number', if(value >= 0 AND value < 10000000 AND value = floor(value, 8), 1, 128),
      state = 'blank', if(settled_by = '', 4, 2), state = 'dash', 8, state = 'na', 16, state = 'text', 32, 64)::UInt8 AS bit
  FROM cells
  WHERE year BETWEEN {from:UInt16} AND {to:UInt16} AND ((tbl = {tbl0:String} AND row IN {rows0:Array(String)} AND col = {col0:String}))
)
GROUP BY filing
-- from = 2023
-- to = 2023
-- tbl0 = section2
-- rows0 = [fees]
-- col0 = amount_wan
