SELECT f.agency, argMax(f.agency_name, f.year), argMax(f.scope, f.year),
  groupArrayIf((f.year, f.filing, f.agency_name, f.scope, f.synthetic, f.form2, f.form3, f.form4, c.sums, c.cells, c.states, c.raws), f.year BETWEEN {from:UInt16} AND {to:UInt16})
FROM filings AS f
INNER JOIN (SELECT filing FROM (SELECT argMax(f.filing, (b.committed_at, f.filing)) AS filing, f.agency AS agency, f.year AS year, max(b.committed_at) AS committed_at
		FROM filings AS f INNER JOIN (SELECT batch, min(batches.committed_at) AS committed_at FROM batches
		WHERE batches.committed_at <= fromUnixTimestamp64Micro({as_of:Int64}, 'UTC') GROUP BY batch) AS b ON f.batch = b.batch
		GROUP BY f.agency, f.year) WHERE agency IN {agencies:Array(String)}) AS v ON f.filing = v.filing
LEFT JOIN (
  SELECT filing,
    [toInt64(ifNull(sumIf(value, (tbl = {tbl0:String} AND row IN {rows0:Array(String)} AND col = {col0:String}) AND bit = 1), 0))] AS sums,
    [countIf((tbl = {tbl0:String} AND row IN {rows0:Array(String)} AND col = {col0:String}))] AS cells,
    [groupBitOrIf(bit, (tbl = {tbl0:String} AND row IN {rows0:Array(String)} AND col = {col0:String}))] AS states,
    [anyIf(raw, (tbl = {tbl0:String} AND row IN {rows0:Array(String)} AND col = {col0:String}) AND bit > 2)] AS raws
  FROM (
    SELECT filing, tbl, row, col, value, raw,
      multiIf(state = 'number', if(value >= 0 AND value < 1000000000000000 AND value = floor(value), 1, 128),
        state = 'blank', if(settled_by = '', 4, 2), state = 'dash', 8, state = 'na', 16, state = 'text', 32, 64)::UInt8 AS bit
    FROM cells WHERE year BETWEEN {from:UInt16} AND {to:UInt16} AND agency IN {agencies:Array(String)} AND ((tbl = {tbl0:String} AND row IN {rows0:Array(String)} AND col = {col0:String}))
  )
  GROUP BY filing
) AS c ON f.filing = c.filing WHERE f.agency IN {agencies:Array(String)}
GROUP BY f.agency ORDER BY f.agency
-- as_of = 1712020440000000
-- from = 0
-- to = 65535
-- agencies = [x1]
-- tbl0 = section3
-- rows0 = [R6]
-- col0 = total
