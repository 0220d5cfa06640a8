package tabular

import "cmp"

// label is the name of the column for people.
func (c Column) label() string { return cmp.Or(c.Zh, Name(c.Name)) }

// Named reports whether the dictionary has a name for a column.
func Named(column string) bool { return names[column] != "" }

// Name is what the dictionary calls a column, its code if it has none.
func Name(column string) string { return cmp.Or(names[column], column) }

// names are what the columns of lists are called. A code means the same in every list.
var names = map[string]string{
	"grid": "第几个表格", "grid_row": "表格的行", "grid_column": "表格的列", "line": "行号",
	"granted": "予以公开", "partial": "部分公开", "refused": "不予公开", "cannot": "无法提供", "noproc": "不予处理", "other": "其他处理", "address": "地址",
	"across": "横轴比值", "across_n": "横轴分母", "across_state": "横轴状态", "across_x": "横轴分子", "adjusted": "调整后的偏差", "against": "对照的报告",
	"agency": "机关代码", "approved_at": "批准时间", "approved_by": "批准人", "approx": "约数", "as_of": "截至时刻", "asked": "已去函询问", "at": "时间",
	"basis_changed": "依据已变的处理", "batch": "批次", "best": "名次最好可能", "blank_as_zero": "含空格计作零", "blanks": "空格", "block": "区块", "bytes": "字节数",
	"candidates": "可能的读法", "carried_in": "上年结转", "carried_out": "转下年", "cause": "原因", "caveat": "使用时注意", "cell": "格", "cell_or_rule": "格或规则", "cells": "所涉各格",
	"change": "变化", "change_lower": "变化下限", "change_upper": "变化上限", "checks": "检查数", "checks_failed": "不符的检查", "checks_uncertain": "不确定的检查",
	"class": "分母大小类别", "clear": "清楚", "client": "来自", "code": "代码", "column": "列", "committed_at": "入库时间", "concept": "所述事项", "concluded": "办结数", "confirmed": "已确认",
	"corrected": "含更正", "corrected_cells": "更正过的格", "corrected_lower": "校正后下限", "corrected_upper": "校正后上限", "correction": "更正编号", "counts": "计入", "critical": "严重问题",
	"date_unknown": "日期不明", "days": "逾期天数", "decided_at": "处理时间", "decided_by": "处理人", "decision": "处理", "decision_reason": "处理理由", "delta": "差额", "den": "分母读法",
	"denominator": "分母", "detail": "内容", "difference": "差", "dismissed": "已排除", "district_n": "全区分母", "district_x": "全区分子", "drawn": "画出", "due": "应公布日",
	"elsewhere": "他处读到", "en": "英文名称", "english": "英文名称", "event": "事件", "expression": "算式", "fail": "不符", "fields": "变化的栏目", "file": "文件名", "filed": "已报", "filing": "报告编号",
	"filings": "报告数", "flags": "标记", "flags_x": "横轴标记", "flags_y": "纵轴标记", "flawed": "有严重问题", "form2": "表二版本", "form3": "表三版本", "form4": "表四版本", "form_legacy": "旧表版本",
	"formula": "公式", "from": "起", "group": "组别", "hash": "哈希", "id": "编号", "kind": "类别", "label": "名称", "last": "最近一年", "last_filing": "上年报告编号", "last_flags": "上年标记",
	"last_n": "上年分母", "last_percent": "上年百分比", "last_state": "上年状态", "last_x": "上年分子", "late": "逾期", "left": "左边", "links": "沿革", "lower": "区间下限", "lower95": "95%控制下限",
	"lower998": "99.8%控制下限", "marker": "记号", "match": "相符", "measure": "指标", "measure_x": "横轴指标", "measure_y": "纵轴指标", "members": "成员", "mend": "更正", "n": "分母", "n_x": "横轴分母",
	"n_y": "纵轴分母", "name": "机关名称", "names": "各时期名称", "new": "新收申请", "new_corrected": "新值含更正", "new_raw": "新版原文", "new_state": "新版状态", "new_value": "新版数值",
	"not_applicable": "不适用", "not_assessable": "无法检查", "not_due": "未到期", "not_filed": "未报", "not_obliged": "无须报", "not_received": "未收到", "note": "说明", "number": "序号", "numerator": "分子",
	"obliged": "应报", "off": "差额", "offered": "可供比较", "official": "官方名称", "old_corrected": "旧值含更正", "old_raw": "旧版原文", "old_state": "旧版状态", "old_value": "旧版数值", "on_time": "按时",
	"open": "待处理", "outcome": "结果", "page": "页", "parent": "上级机关", "part": "部分", "pass": "相符", "peers": "同类数", "per": "每单位", "per_cells": "分母各格", "percent": "百分比",
	"percent_x": "横轴百分比", "percent_y": "纵轴百分比", "person": "人", "place": "位置", "printed": "印出的数", "problems": "读取问题", "program": "程序", "provisional": "暂记", "published": "公布日期",
	"rank": "名次", "ranked": "参加排名数", "raw": "原文", "read_raw": "读到的原文", "read_state": "读到的状态", "read_value": "读到的数值", "reason": "理由", "received": "已收到", "received_at": "收到时间",
	"received_by": "收件人", "region": "区划代码", "registered": "在名单上", "repeated": "重复比例", "replaces": "代替的更正", "reports": "报告数", "review": "处理编号", "review_at": "处理时间",
	"review_person": "处理人", "review_reason": "处理理由", "revision": "新版本", "right": "右边", "row": "行", "rows": "行数", "rule": "规则", "rule_name": "规则名称", "scope": "统计口径", "sentence": "原句",
	"set": "名单", "settled_by": "读法的依据", "severity": "严重程度", "sha256": "SHA-256", "shade": "深浅", "signed": "署期", "since": "自", "source": "来源", "span": "合并年数", "spare": "备用",
	"standing": "效力", "state": "状态", "state_x": "横轴状态", "state_y": "纵轴状态", "status": "判定", "subject": "对象", "synthetic": "合成数据", "table": "表", "tests": "检验", "text": "文字",
	"tied": "并列", "title": "标题", "to": "止", "total": "总计", "total_state": "总计状态", "trend": "走势", "two": "须两人", "uncertain": "不确定", "unit": "单位", "up": "纵轴比值", "up_n": "纵轴分母",
	"up_state": "纵轴状态", "up_x": "纵轴分子", "upper": "区间上限", "upper95": "95%控制上限", "upper998": "99.8%控制上限", "url": "网址", "uscc": "统一社会信用代码", "used_blanks": "当作零的空格",
	"value": "数值", "version": "版本", "voluntary": "自愿报送", "what": "内容", "whole": "总数", "why": "原因", "withdrawn": "已撤回", "withdrawn_at": "撤回时间", "withdrawn_by": "撤回人",
	"worst": "名次最差可能", "x": "分子", "x_reading": "分子读法", "y": "纵轴分子", "year": "年度", "year_filing": "该年报告编号", "years": "各年度", "zero": "零申请",
}
