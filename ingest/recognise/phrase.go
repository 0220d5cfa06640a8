package recognise

import (
	"regexp"
	"strings"

	"nianbao/internal/sieve"
)

// phrase is a way to state a concept in words. Phrases are matched with folded sentences. In a pattern
//
//	#件 #条 #元   is a figure with its unit, one of those that count so
//	@            is a word for applications for information
type phrase struct {
	concept string
	// tier 1 is the plain statement. The statements of a higher tier count only if the report has none of a lower one.
	tier int
	// needs is a word without which the pattern cannot match; it saves time.
	needs   string
	pattern string
	// zero says that the words state 0.
	zero bool
	// share says that the figure is the concept's share in all answers, in percent.
	share bool
	// about is what the sentence, the one before it or the part's title must speak of.
	about topic
	// never are words of the clause that make it say something else, notAfter those that may not stand right before.
	never, notAfter string
	// alone says that never holds for all of the sentence up to the phrase: the phrase names nothing by itself.
	alone bool
	// ofWhole says that the statement may follow 其中: it speaks of the parts of a whole anyway.
	ofWhole bool
	// last allows the words 上年 and 上一年度: the phrase itself speaks of last year's applications.
	last bool

	re, not   *sieve.Regexp
	notBehind *regexp.Regexp
}

// topic is what a statement has to be about, as other work of the same office is counted in the same words.
type topic int

const (
	anything          topic = iota
	aboutApplications       // applications for information
	aboutDisclosure         // information disclosure at all: other reviews and lawsuits are not counted
	aboutFees               // the same, or the part in which fees are reported
)

// Words that make a clause speak of another body, kind or channel.
const (
	channels  = `网络|网上|信函|当面|邮件|传真|邮寄|现场|在线|平台收|渠道收`
	otherWork = `许可|建议|提案|留言|问政|信箱|咨询|来信|热线|诉求|信访件|投诉|举报|补助|登记申请|补贴|救助`
	subset    = `延期|超期|逾期|当场|撤回|撤销|减免|补正|重复|线上|线下`
	lost      = `纠错|纠正|败诉|撤销|违法|责令|追究|驳回|维持`
)

// phrases are the ways in which reports state the concepts of [form.Concepts].
var phrases = compile([]phrase{
	// 主动公开
	{concept: "disclosed", tier: 1, needs: "主动公开", pattern: `主动公开(?:了|的)?(?:各类|各项|各种|政府|政务|公开)*(?:信息)?(?:数量|总数|数)?(?:总计|共计|合计|累计|共|达|为|计)*(?:\([^()]*\))?#条`, notAfter: `应|其他`},
	{concept: "disclosed", tier: 1, needs: "主动公", pattern: `主动公布(?:了)?(?:各类|各项|政府|政务)*信息(?:总计|共计|合计|共|达)*#条`},
	{concept: "disclosed", tier: 2, needs: "信息", pattern: `公开(?:了)?(?:各类|各项|政府|政务)*信息(?:数量|总数|数)?(?:总计|共计|合计|累计|共|达|为)*#条`, notAfter: `申请`},
	{concept: "disclosed", tier: 2, needs: "信息", pattern: `公开(?:了)?#条(?:各类|政府|政务)*信息`},
	{concept: "disclosed", tier: 2, needs: "信息", pattern: `公布(?:了)?(?:各类)?(?:政府|政务)信息(?:总计|共计|合计|共|达)*#条`},
	{concept: "disclosed", tier: 2, needs: "信息", pattern: `发布(?:了)?(?:各类|各项)*(?:公开政府|政府公开|政务公开|政府|政务)信息(?:总计|共计|合计|共|达)*#条`, never: `公众号|微信|微博|抖音|客户端|新媒体`},
	{concept: "regulations_made", tier: 1, needs: "规章", pattern: `(?:制定|制发|出台|颁布)(?:的|了)?(?:省|市)?(?:政府)?规章(?:共|共计)?#件`},
	{concept: "normative_made", tier: 1, needs: "规范性文件", pattern: `(?:制发|制定|印发|出台|新制作|制作)(?:的|了)?(?:行政)?规范性文件(?:数量|总数)?(?:共计|共|为)?#件`},
	{concept: "normative_made", tier: 1, needs: "规范性文件", pattern: `(?:未|没有|无)(?:新)?(?:制发|制定|印发|出台|新制作|制作|制定出台)(?:过)?(?:新的)?(?:行政)?规范性文件`, zero: true},
	{concept: "normative_repealed", tier: 1, needs: "规范性文件", pattern: `废止(?:的|了)?(?:行政)?规范性文件(?:共计|共)?#件`},
	{concept: "normative_valid", tier: 1, needs: "现行有效", pattern: `现行有效(?:的)?(?:行政)?规范性文件(?:数量|总数)?(?:共计|共|为)?#件`},
	{concept: "normative_valid", tier: 1, needs: "现行有效", pattern: `规范性文件[^。；]{0,20}?,现行有效(?:的)?(?:共)?#件`},
	{concept: "licensing_processed", tier: 1, needs: "行政许可", pattern: `(?:作出|做出)(?:的|了)?行政许可(?:处理)?决定(?:共)?#件`},

	// 收到
	{concept: "applications", tier: 1, needs: "申请", pattern: `(?:收到|受理|新收|接收|接到|共收)(?:了|的)?(?:各类|有关|书面|公民|群众)*@(?:数量|总数|总量|共计|合计|共|为|数)*#件`, never: channels + "|" + otherWork + "|" + subset},
	{concept: "applications", tier: 1, needs: "通过", pattern: `(?:收到|受理|接收)(?:公众|群众|申请人)?通过[^,。;:0-9]{1,12}[、等和及][^,。;:0-9]{0,12}(?:提交|提出)的(?:各类)?@(?:共计|合计|共)#件`, never: otherWork + "|" + subset},
	{concept: "applications", tier: 1, needs: "公开", pattern: `(?:收到|受理|新收|接收|接到)(?:了)?#件(?:政府|政务)?(?:信息)?(?:依申请公开|公开申请|公开的申请|的?信息公开申请)`, never: channels + "|" + otherWork + "|" + subset},
	{concept: "applications", tier: 2, needs: "申请", pattern: `(?:办理|处理|收办|受办|登记)(?:了|的)?@(?:数量|总数|总量|共计|共|为)*#件`, never: channels + "|" + otherWork + "|" + subset},
	{concept: "applications", tier: 3, needs: "申请公开", pattern: `(?:^|,|:|年|年度)(?:全年|本年度?|我局|我单位)?(?:共有?)?依申请公开(?:件|申请|数量|总数)*(?:共计|共|为)?#件`, never: channels + "|" + subset},
	{concept: "applications", tier: 3, needs: "公开申请", pattern: `(?:全年|共有|共计|发生|有)(?:政府)?信息公开申请(?:数量|总数)*(?:共计|共|为)*#件`, never: channels + "|" + otherWork + "|" + subset + "|结转|办结|答复"},
	{concept: "applications", tier: 1, needs: "申请", pattern: `(?:未|没有|没|尚无|暂未)(?:收到|接到|接收到?|受理|接受|出现)(?:过)?(?:任何|有关|关于|相关|公民|群众|公众|社会公众|、|要求)*@`, zero: true, never: otherWork + "|" + subset + "|费用"},
	{concept: "applications", tier: 1, needs: "申请", pattern: `(?:^|,|年|年度|全年)(?:本年度?|我[局镇乡区县市院委办]|本单位|本机关)?(?:无|没有)(?:人)?(?:政府|政务)?(?:信息)?(?:依申请公开|公开申请)(?:的)?(?:申请|事项|件|情况)*(?:$|[,。;、])`, zero: true},
	{concept: "applications", tier: 1, needs: "无", pattern: `(?:受理|收到)(?:政府)?(?:信息公开|依申请公开|公开)(?:的)?申请(?:数量|数|情况)?:?无[。;]?$`, zero: true},
	{concept: "applications_natural", tier: 1, needs: "自然人", pattern: `自然人(?:提出)?(?:的)?(?:申请)?(?:的)?(?:为|共)?#件`, about: aboutApplications, ofWhole: true, never: `公开|处理|提供|结转`},
	{concept: "applications_commercial", tier: 1, needs: "商业企业", pattern: `商业企业(?:提出)?(?:的)?(?:申请)?(?:的)?(?:为|共)?#件`, about: aboutApplications, ofWhole: true, never: `公开|处理|提供|结转`},
	{concept: "applications_organisations", tier: 1, needs: "法人", pattern: `法人(?:和|或|或者|及|、)?(?:其他|其它)?组织(?:提出)?(?:的)?(?:申请)?(?:的)?(?:为|共)?#件`, about: aboutApplications, ofWhole: true, never: `公开|处理|提供|结转`},

	// 办理
	{concept: "carry_in", tier: 1, needs: "结转", pattern: `上(?:一)?(?:年|年度)结转(?:的|来的|至今年的?)?(?:@|申请)?(?:数量|办理|共|为)*#件`, ofWhole: true, last: true},
	{concept: "carry_in", tier: 1, needs: "转结", pattern: `上(?:一)?(?:年|年度)转结(?:的)?(?:@|申请)?(?:数量|共|为)*#件`, ofWhole: true, last: true},
	{concept: "carry_in", tier: 1, needs: "结转", pattern: `结转上(?:一)?(?:年|年度)(?:的)?(?:@|申请)?(?:数量|共|为)*#件`, ofWhole: true, last: true},
	{concept: "carry_in", tier: 1, needs: "结转", pattern: `(?:无|没有)上(?:一)?(?:年|年度)结转`, zero: true, last: true},
	{concept: "carry_out", tier: 1, needs: "下", pattern: `(?:结转|转|转入|转至|转到)(?:至|到|入)?下(?:一)?(?:年度|年)(?:度)?(?:继续)?(?:办理|处理)?(?:的)?(?:申请)?(?:数量|共|为)*#件`, ofWhole: true},
	{concept: "carry_out", tier: 1, needs: "下", pattern: `#件(?:申请)?(?:依法)?(?:结转|转入|转至|转到)(?:至|到|入)?下(?:一)?年`, ofWhole: true},
	{concept: "carry_out", tier: 1, needs: "结转", pattern: `(?:无|没有)(?:申请)?结转(?:至|到|入)?下(?:一)?年`, zero: true},
	{concept: "answered", tier: 1, needs: "办结", pattern: `办结(?:了)?(?:@|申请)?(?:数量|总数|共计|共|为)*#件`, about: aboutApplications, alone: true, never: otherWork + "|" + subset + "|其中"},
	{concept: "answered", tier: 2, needs: "答复", pattern: `答复(?:了)?(?:@|申请)?(?:数量|总数|共计|共|为)*#件`, about: aboutApplications, alone: true, never: otherWork + "|" + subset + "|其中|公开答复"},
	{concept: "granted_or_partial", tier: 1, needs: "部分公开", pattern: `(?:予以|同意)公开(?:及|和|与|或)(?:予以)?部分公开(?:的|共)?#件`, about: aboutApplications, ofWhole: true},
	{concept: "granted", tier: 1, needs: "公开", pattern: `(?:予以|同意)公开(?:的|了)?(?:数量|共|为|有)*#件`, about: aboutApplications, ofWhole: true, notAfter: `不`},
	{concept: "partial", tier: 1, needs: "部分公开", pattern: `部分公开(?:的|了)?(?:数量|共|为|有)*#件`, about: aboutApplications, ofWhole: true, notAfter: `公开(?:及|和|与|或|、)(?:予以)?`},
	{concept: "refused", tier: 1, needs: "公开", pattern: `(?:不予|不同意)公开(?:的|了)?(?:答复)?(?:数量|共|为|有)*#件`, about: aboutApplications, ofWhole: true, notAfter: `部分`},
	{concept: "unavailable", tier: 1, needs: "无法提供", pattern: `无法提供(?:相关|该)?(?:政府)?(?:信息)?(?:的)?(?:数量|共|为|有)*#件`, about: aboutApplications, ofWhole: true},
	{concept: "not_processed", tier: 1, needs: "不予处理", pattern: `不予处理(?:的)?(?:数量|共|为|有)*#件`, about: aboutApplications, ofWhole: true},
	{concept: "other_handling", tier: 1, needs: "其他处理", pattern: `(?:作|做|作出)?其他处理(?:的|结果)?(?:\([^()]*\))?(?:数量|共|为|有)*#件`, about: aboutApplications, ofWhole: true},

	{concept: "granted", tier: 1, needs: "%", pattern: `(?:予以|同意)公开(?:的)?#件(?:\(|,占)%%`, share: true, about: aboutApplications, ofWhole: true, notAfter: `不`},
	{concept: "partial", tier: 1, needs: "%", pattern: `部分公开(?:的)?#件(?:\(|,占)%%`, share: true, about: aboutApplications, ofWhole: true, notAfter: `公开(?:及|和|与|或|、)(?:予以)?`},
	{concept: "granted_or_partial", tier: 1, needs: "%", pattern: `(?:予以|同意)公开(?:及|和|与|或)(?:予以)?部分公开(?:的|共)?#件(?:\(|,占)%%`, share: true, about: aboutApplications, ofWhole: true},
	{concept: "refused", tier: 1, needs: "%", pattern: `不予公开(?:的)?#件(?:\(|,占)%%`, share: true, about: aboutApplications, ofWhole: true, notAfter: `部分`},
	{concept: "unavailable", tier: 1, needs: "%", pattern: `无法提供(?:的)?#件(?:\(|,占)%%`, share: true, about: aboutApplications, ofWhole: true},
	{concept: "not_processed", tier: 1, needs: "%", pattern: `不予处理(?:的)?#件(?:\(|,占)%%`, share: true, about: aboutApplications, ofWhole: true},
	{concept: "other_handling", tier: 1, needs: "%", pattern: `其他处理(?:的)?#件(?:\(|,占)%%`, share: true, about: aboutApplications, ofWhole: true},

	// 复议诉讼. None at all is none about disclosure, so words for 0 need no topic.
	{concept: "review", tier: 1, needs: "行政复议", pattern: `行政复议(?:案件|申请|案|数量|总数|共计|共|为|数)*#件`, about: aboutDisclosure, never: lost + "|结转"},
	{concept: "review", tier: 1, needs: "行政复议", pattern: `#件(?:因)?(?:政府信息公开)?(?:的|被)?(?:申请|提起)?行政复议(?:案件|申请)?(?:$|[,。;、])`, about: aboutDisclosure, never: lost + "|结转"},
	{concept: "review", tier: 1, needs: "行政复议", pattern: `(?:未|没有|没|无|尚无|暂无)[^,。;:0-9]{0,28}?行政复议`, zero: true, never: lost + "|许可|处罚|征收|拆迁"},
	{concept: "review", tier: 1, needs: "行政复议", pattern: `行政复议(?:、|和|及|与|或)(?:被)?(?:提起)?行政诉讼(?:案件|申请|情况|数量)*(?:均|都)?(?:为)?(?:0|零)(?:件|起|例|宗)?(?:$|[,。;])`, zero: true, never: lost + "|许可|处罚|征收|拆迁"},
	{concept: "litigation", tier: 1, needs: "诉讼", pattern: `行政诉讼(?:案件|案|数量|总数|共计|共|为|数)*#件`, about: aboutDisclosure, never: lost + "|结转", notAfter: `复议(?:、|和|及|与|或)(?:被)?(?:提起)?`},
	{concept: "litigation", tier: 1, needs: "诉讼", pattern: `(?:无|未发生|没有)[^,。;:0-9]{0,20}?行政复议(?:、|和|及|与|或)(?:被)?(?:提起)?行政诉讼(?:案件)?#件`, about: aboutDisclosure, never: lost + "|结转"},
	{concept: "litigation", tier: 1, needs: "诉讼", pattern: `#件(?:因)?(?:政府信息公开)?(?:的|被)?(?:提起)?行政诉讼(?:案件)?(?:$|[,。;、])`, about: aboutDisclosure, never: lost + "|结转"},
	{concept: "litigation", tier: 1, needs: "诉讼", pattern: `(?:未|没有|没|无|尚无|暂无)[^,。;:0-9]{0,40}?行政诉讼`, zero: true, never: lost + "|许可|处罚|征收|拆迁"},
	{concept: "litigation", tier: 1, needs: "诉讼", pattern: `行政复议(?:、|和|及|与|或)(?:被)?(?:提起)?行政诉讼(?:案件|申请|情况|数量)*(?:均|都)?(?:为)?(?:0|零)(?:件|起|例|宗)?(?:$|[,。;])`, zero: true, never: lost + "|许可|处罚|征收|拆迁"},
	{concept: "review_and_litigation", tier: 1, needs: "诉讼", pattern: `行政复议(?:、|和|及|与|或)(?:被)?(?:提起)?行政诉讼(?:案件)?(?:数量|共计|合计|共|为)*#件`, about: aboutDisclosure, never: lost + "|结转", notAfter: `(?:无|未|没有)[^,。;:0-9]{0,20}`},

	// 费用
	{concept: "fee", tier: 1, needs: "处理费", pattern: `处理费(?:用)?(?:金额|总额|总计|共计|合计|共|为|收入)*#元`, never: `减免|退`},
	{concept: "fee", tier: 2, needs: "元", pattern: `收取(?:的)?(?:信息公开|政府信息公开|依申请公开)?(?:相关)?费用?(?:总计|共计|合计|共|为)*#元`, about: aboutFees, never: `减免|退|行政事业性`},
	{concept: "fee", tier: 1, needs: "处理费", pattern: `(?:未|没有|无|暂未|不)(?:产生|发生|收取|收到|收|涉及|存在)?[^,。;:0-9]{0,16}?处理费`, zero: true, never: `减免|标准|通知`},
	{concept: "fee", tier: 2, needs: "费", pattern: `(?:未|没有|暂未|从未)(?:产生|发生|收取|收)(?:过)?(?:任何|相关|有关|其他|申请人)*(?:信息公开|政府信息公开|依申请公开)?(?:的)?(?:收费|费用)`, zero: true, about: aboutFees, never: `减免|行政事业性|培训|支出`},
	{concept: "fee", tier: 2, needs: "费", pattern: `(?:^|,)收费(?:情况)?:?无[。;]?$`, zero: true, about: aboutFees},
})

// figureWords is a figure: 1 an approximation in front, 2 digits, 3 a factor, 4 an approximation behind. A unit follows.
const figureWords = `(约|近|超过|逾|大约)?(\d{1,3}(?:,\d{3})+|\d+(?:\.\d+)?|零)(万|千|百|亿)?(余|多)?`

var shorthand = strings.NewReplacer(
	"#件", figureWords+`(件次|件|宗|起|例|份|条|次|人次|个|项)`,
	"#条", figureWords+`(条次|条|件|篇)?`,
	"#元", figureWords+`(万元|元)`,
	`%%`, `(\d+(?:\.\d+)?)%`,
	"@", `(?:依法)?(?:(?:政府|政务)?(?:信息)?(?:的)?公开(?:公开)?(?:的)?申请(?:案件|事项|件)?|依申请(?:公开)?(?:政府|政务)?(?:信息)?(?:公开)?(?:的)?(?:申请|事项|案件|件)?|申请(?:公开)?(?:政府信息)?(?:案件|件)?)`,
)

func compile(list []phrase) []phrase {
	for i := range list {
		list[i].re = sieve.MustCompile(shorthand.Replace(list[i].pattern))
		if list[i].never != "" {
			list[i].not = sieve.MustCompile(list[i].never)
		}
		if list[i].notAfter != "" {
			list[i].notBehind = regexp.MustCompile(`(?:` + list[i].notAfter + `)$`)
		}
	}
	return list
}
