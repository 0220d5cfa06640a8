package register

import "strings"

// usccDigits are the digits of GB 32100-2015 by value, 0 to 30. Letters that look like others are not among them.
const usccDigits = "0123456789ABCDEFGHJKLMNPQRTUWXY"

// ValidUSCC checks a 统一社会信用代码 by GB 32100-2015: 18 digits, the last of which makes the sum of all, weighted with the powers of
// 3, a multiple of 31.
func ValidUSCC(code string) bool {
	if len(code) != 18 {
		return false
	}
	sum, weight := 0, 1
	for _, digit := range code[:17] {
		value := strings.IndexRune(usccDigits, digit)
		if value < 0 {
			return false
		}
		sum += value * weight
		weight = weight * 3 % 31
	}
	return code[17] == usccDigits[(31-sum%31)%31]
}
