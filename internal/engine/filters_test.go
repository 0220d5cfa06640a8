package engine

import "testing"

func TestFiltersOfTablesHoldNoFunction(t *testing.T) {
	for value, want := range map[string]bool{
		`{}`: true,
		`{'filings':'agency IN [\'a\',\'b-1_c\']','waiting':'0'}`:                              true,
		`{'documents':'sha256 IN (SELECT sha256 FROM filings)'}`:                               true,
		`{'filings':'agency IN [\'\']'}`:                                                       true,
		`{'filings':'agency IN [file(\'/etc/passwd\')]'}`:                                      false,
		`{'filings':'agency IN [\'a\'] OR 1'}`:                                                 false,
		`{'documents':'sha256 IN (SELECT sha256 FROM file(\'x\'))'}`:                           false,
		`{'documents':'sha256 IN (SELECT file FROM filings) AND 1 IN (SELECT 1 FROM url(1))'}`: false,
		`{'filings':'agency IN [\'a\\\']'}`:                                                    false,
		"{'filings':'agency IN [\\'a\\']'}\n":                                                  false,
		`additional`:                                                                           false,
	} {
		if got := plainFilters(value); got != want {
			t.Errorf("plainFilters(%s) = %v, want %v", value, got, want)
		}
	}
}
