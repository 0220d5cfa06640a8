package recognise

import (
	"slices"
	"unicode/utf8"
)

// simplified maps traditional characters to the simplified ones of the printed form. Mirrors of mainland pages convert
// whole reports, so labels and headings come in both; the table covers the vocabulary of the form and of report titles.
var simplified = pairs(
	"萬万與与業业為为爲为於于舉举書书務务動动醫医單单衛卫縣县廳厅發发號号後后員员處处復复複复實实審审將将屬属佈布應应廢废開开強强當当錄录" +
		"總总執执護护報报據据數数無无時时機机權权條条構构標标檔档沒没測测遊游環环現现療疗監监確确組组織织經经結结統统繼继維维繳缴罰罚聯联範范藥药" +
		"獲获補补規规計计認认議议記记許许設设訪访訴诉詢询試试說说請请財财質质購购費费資资轉转輸输過过運运這这鄉乡採采鎮镇間间關关險险須须題题額额" +
		"項项驗验軍军農农決决況况減减衆众眾众會会係系體体傳传優优備备價价億亿內内兩两冊册準准劃划別别勞劳區区協协參参雙双變变啟启問问國国園园圖图" +
		"團团場场塊块對对導导層层屆届帶带幫帮廠厂張张徑径從从徵征態态憲宪戶户擴扩擬拟損损換换斷断東东樣样橋桥檢检歷历歸归殘残氣气滿满漁渔濟济灣湾" +
		"災灾點点產产畫画畢毕盡尽種种稱称穩稳積积競竞筆笔節节簡简簽签糾纠約约紀纪納纳純纯紙纸級级細细終终給给絕绝網网緊紧線线編编練练縮缩績绩職职" +
		"聽听肅肃舊旧藝艺蘇苏術术裝装見见視视覽览觀观訂订訓训評评該该詳详誠诚誤误調调論论識识證证讀读負负貢贡責责貫贯貨货貿贸賬账車车較较載载輯辑" +
		"辦办達达違违遠远適适選选還还郵邮鄭郑釋释鐵铁錯错鏈链長长門门閉闭際际陸陆陽阳階阶隊队隨随雲云電电靜静響响頁页順顺領领頻频顯显風风餘余館馆" +
		"駐驻魚鱼齊齐製制閩闽臺台灘滩蕭萧龍龙島岛馬马黃黄嶺岭澤泽潔洁慶庆廣广寧宁豐丰麗丽濱滨岡冈嶽岳沖冲義义異异榮荣營营爭争啓启纖纤")

func pairs(s string) map[rune]rune {
	r := []rune(s)
	m := make(map[rune]rune, len(r)/2)
	for i := 0; i+1 < len(r); i += 2 {
		m[r[i]] = r[i+1]
	}
	return m
}

// simplifiedOf is simplified for the ideographs, 0 where a character stands for itself.
var simplifiedOf = func() []rune {
	out := make([]rune, lastIdeograph-firstIdeograph+1)
	for from, to := range simplified {
		if ideograph(from) {
			out[from-firstIdeograph] = to
		}
	}
	return out
}()

// simple is the simplified character for a traditional one; any other stands for itself.
func simple(r rune) rune {
	if ideograph(r) {
		if to := simplifiedOf[r-firstIdeograph]; to != 0 {
			return to
		}
		return r
	}
	if to, ok := simplified[r]; ok {
		return to
	}
	return r
}

// The ideographs without extensions and compatibility forms. All are letters, and none has a compatibility form.
const firstIdeograph, lastIdeograph = 0x4e00, 0x9fff

func ideograph(r rune) bool { return r >= firstIdeograph && r <= lastIdeograph }

// width tells how a character is folded by NFKC.
type width int

const (
	plainWidth width = iota // stands for itself
	full                    // a full-width form of ASCII, or a space
	rare                    // wants the general machinery
)

func widthOf(r rune) width {
	switch {
	case r < utf8.RuneSelf, ideograph(r), r == 0x3001, r == 0x3002, r >= 0x3008 && r <= 0x3011, r >= 0x3014 && r <= 0x301b,
		r == '“', r == '”', r == '‘', r == '’', r == '—':
		return plainWidth
	case r >= 0xff01 && r <= 0xff5e, r == 0x3000, r == 0xa0:
		return full
	}
	return rare
}

// narrow is the character of ASCII that a full-width form stands for.
func narrow(r rune) rune {
	if r >= 0xff01 {
		return r - 0xfee0
	}
	return ' '
}

// fold is what clean makes of a text in which only common characters occur; ok is false for others, and where a mirror
// may have put pinyin. Nearly every text is common, and most stand for themselves.
func fold(s string) (folded string, ok bool) {
	var out []byte
	changed := false
	bracket := false // the last character is an opening bracket
	for i, r := range s {
		to := r
		switch {
		case r < utf8.RuneSelf:
			if r == ' ' || r >= '\t' && r <= '\r' {
				to = 0
			}
		case ideograph(r):
			if x := simplifiedOf[r-firstIdeograph]; x != 0 {
				to = x
			}
		default:
			switch widthOf(r) {
			case rare:
				return "", false
			case full:
				if to = narrow(r); to == ' ' {
					to = 0
				}
			}
		}
		if bracket && (to|0x20 >= 'a' && to|0x20 <= 'z') {
			return "", false
		}
		bracket = to == '('
		switch {
		case changed && to != 0:
			out = utf8.AppendRune(out, to)
		case !changed && to != r:
			changed = true
			out = append(slices.Grow(out, len(s)), s[:i]...)
			if to != 0 {
				out = utf8.AppendRune(out, to)
			}
		}
	}
	if !changed {
		return s, true
	}
	return string(out), true
}
