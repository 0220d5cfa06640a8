SELECT filing,
  toInt64(ifNull(sumIf(value, in0 AND bit = 1), 0) * 100000000), countIf(in0), groupBitOrIf(bit, in0), anyIf(raw, in0 AND bit > 2),
  toInt64(ifNull(sumIf(value, in1 AND bit = 1), 0)), countIf(in1), groupBitOrIf(bit, in1), anyIf(raw, in1 AND bit > 2)
FROM (
  SELECT filing, value, raw,
    (tbl = {tbl0:String} AND row IN {rows0:Array(String)} AND col = {col0:String}) AS in0,
    (tbl = {tbl1:String} AND row IN {rows1:Array(String)} AND col = {col1:String}) AS in1,
    multiIf(state = 'number', if(if(in0, value >= 0 AND value < 10000000 AND value = floor(value, 8), value >= 0 AND value < 1000000000000000 AND value = floor(value)), 1, 128),
      state = 'blank', if(settled_by = '', 4, 2), state = 'dash', 8, state = 'na', 16, state = 'text', 32, 64)::UInt8 AS bit
  FROM cells
  WHERE year BETWEEN {from:UInt16} AND {to:UInt16} AND ((tbl = {tbl0:String} AND row IN {rows0:Array(String)} AND col = {col0:String}) OR (tbl = {tbl1:String} AND row IN {rows1:Array(String)} AND col = {col1:String}))
)
GROUP BY filing
-- from = 2023
-- to = 2023
-- tbl0 = section2
-- rows0 = [fees]
-- col0 = amount_wan
-- tbl1 = section2
-- rows1 = [licensing]
-- col1 = processed
