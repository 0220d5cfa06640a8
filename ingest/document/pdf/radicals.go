package pdf

import "golang.org/x/text/unicode/norm"

// fold turns a radical into the character that looks the same. Fonts map one glyph to both, and programs that print
// to PDF pick the radical now and then. Kangxi radicals (U+2F00–2FD5) fold under NFKC; of the supplement
// (U+2E80–2EF3) only two do, so the others stand in a table.
func fold(r rune) rune {
	switch {
	case r < 0x2E80 || r > 0x2FD5:
		return r
	case r >= 0x2F00:
		for _, c := range norm.NFKC.String(string(r)) {
			return c
		}
	}
	if c, ok := radicals[r]; ok {
		return c
	}
	return r
}

// radicals are pairs of a radical and its character, after the property Equivalent_Unified_Ideograph of the Unicode
// Character Database.
var radicals = pairs("⺁厂⺂乛⺃乚⺄乙⺅亻⺆冂⺇𠘨⺈刀⺉刂⺊卜⺋㔾⺌小⺍小⺎兀⺏尣⺐尢⺑𡯂⺒巳⺓幺⺔彑⺕彐⺖忄⺗心⺘扌⺙攵⺛旡⺜日⺝月⺞歺⺟母⺠民⺡氵⺢氺⺣灬⺤爫⺥爫⺦丬⺧牛⺨犭⺩王" +
	"⺪𤴔⺫目⺬示⺭礻⺮𥫗⺯糹⺰纟⺱罓⺲罒⺳㓁⺴冗⺵𦉫⺶羊⺷𦍌⺸𦍋⺹耂⺺肀⺻聿⺼肉⺽𦥑⺾艹⺿艹⻀艹⻁虎⻂衤⻃覀⻄西⻅见⻆角⻇𧢲⻈讠⻉贝⻊𧾷⻋车⻌辶⻍辶⻎辶⻏邑⻐钅⻑長⻒镸⻓长⻔门⻕𨸏⻖阝⻗雨⻘青⻙韦⻚页⻛风" +
	"⻜飞⻝食⻞𩙿⻟飠⻠饣⻡𩠐⻢马⻣骨⻤鬼⻥鱼⻦鸟⻧卤⻨麦⻩黄⻪黾⻫斉⻬齐⻭歯⻮齿⻯竜⻰龙⻱龜⻲亀⻳龟")

func pairs(s string) map[rune]rune {
	r := []rune(s)
	m := make(map[rune]rune, len(r)/2)
	for i := 0; i+1 < len(r); i += 2 {
		m[r[i]] = r[i+1]
	}
	return m
}
