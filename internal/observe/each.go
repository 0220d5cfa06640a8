package observe

import "github.com/prometheus/client_golang/prometheus"

// GaugeOfEach adds numbers that are asked for each time the counters are read, one for each value of a label.
func (m *Metrics) GaugeOfEach(name, help, label string, values func() map[string]float64) {
	m.registry.MustRegister(&each{prometheus.NewDesc(name, help, []string{label}, nil), values})
}

type each struct {
	desc   *prometheus.Desc
	values func() map[string]float64
}

func (e *each) Describe(c chan<- *prometheus.Desc) { c <- e.desc }

func (e *each) Collect(c chan<- prometheus.Metric) {
	for label, v := range e.values() {
		c <- prometheus.MustNewConstMetric(e.desc, prometheus.GaugeValue, v, label)
	}
}
