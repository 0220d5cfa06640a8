package compare

import (
	"slices"
	"testing"
)

func TestSortByName(t *testing.T) {
	names := []string{"自然资源局", "民政局", "安监局", "科技局", "博山镇", "教育局", "<局", "1局"}
	SortByName(names, func(s *string) string { return *s })
	if want := []string{"<局", "1局", "安监局", "博山镇", "教育局", "科技局", "民政局", "自然资源局"}; !slices.Equal(names, want) {
		t.Errorf("by name: %v, want %v", names, want)
	}
}
