SELECT v.agency AS id, argMax(f.agency_name, f.year), argMax(f.scope, f.year),
  groupArrayIf((f.year, f.filing, f.agency, f.agency_name, f.scope, f.synthetic, f.form2, f.form3, f.form4), f.year BETWEEN {from:UInt16} AND {to:UInt16})
FROM filings AS f
INNER JOIN (SELECT filing, agency FROM (visible filings)) AS v ON f.filing = v.filing
GROUP BY id ORDER BY id
-- from = 2022
-- to = 2023
