SELECT DISTINCT f.filing
FROM findings AS f
INNER JOIN (SELECT filing, agency FROM (visible filings) WHERE year BETWEEN {from:UInt16} AND {to:UInt16}) AS v ON f.filing = v.filing
INNER JOIN (SELECT filing, batch FROM (visible assessments) WHERE year BETWEEN {from:UInt16} AND {to:UInt16} AND hasAny(failed, {rules:Array(String)})) AS a
  ON f.filing = a.filing AND f.batch = a.batch
LEFT JOIN (visible reviews) AS r
  ON v.agency = r.agency AND f.year = r.year AND f.rule = r.rule AND f.tbl = r.tbl AND f.place = r.place
WHERE f.year BETWEEN {from:UInt16} AND {to:UInt16} AND f.status = 'fail' AND f.rule IN {rules:Array(String)}
  AND NOT (r.decision = {dismiss:String} AND r.basis = f.basis)
ORDER BY f.filing
-- as_of = 1712020440000000
-- from = 2022
-- to = 2023
-- rules = [A1 A2]
-- dismiss = dismiss
