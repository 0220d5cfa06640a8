package words

// taking is what is taken away: the journal of downloads, packages and samples.
var taking = Texts{
	"menu.journal": {"下载记录", "Downloads"},

	"journal.title":              {"下载和登录记录 %s 条", "%s {entry|entries} of downloads and sign-ins"},
	"journal.line":               {"只增不改；每条含前一条的哈希，并由哈希链封存。最新的在前", "Only ever added to; each entry hashes the one before and the chain seals them. Newest first"},
	"journal.none":               {"还没有记录", "Nothing recorded yet"},
	"journal.nobody":             {"未登录", "not signed in"},
	"journal.kind":               {"类别", "Kind"},
	"journal.person":             {"何人", "Who"},
	"journal.client":             {"来自", "From"},
	"journal.what":               {"地址和查询", "Address and query"},
	"journal.as_of":              {"数据截至", "Data as of"},
	"journal.rows":               {"行数", "Rows"},
	"journal.sha256":             {"SHA-256", "SHA-256"},
	"journal.outcome":            {"结果", "Outcome"},
	"journal.kind.download":      {"下载", "download"},
	"journal.kind.sign_in":       {"登录", "sign-in"},
	"journal.kind.sign_out":      {"退出", "sign-out"},
	"journal.kind.account":       {"账户", "account"},
	"journal.outcome.done":       {"完成", "complete"},
	"journal.outcome.broken_off": {"中断", "broken off"},
	"journal.outcome.refused":    {"拒绝", "refused"},
}
