package page

import "nianbao/dashboard/words"

// say is the text with this key, its arguments filled in.
func say(key string, args ...any) string { return words.Chinese.Say(key, args...) }
