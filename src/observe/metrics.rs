//! Counters and what is known of plugins as others read them: as a text of `OpenMetrics`, and as JSON. Pure.

use std::fmt;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, NoLabelSet, text};
use prometheus_client::metrics::MetricType;
use prometheus_client::registry::{Registry, Unit};
use serde_json::{Map, Value, json};

use super::audit::Counted;
use super::event::{BOUNDS, Event};

/// A row of `gestor_plugins_contadores`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counter {
    /// The plugin.
    pub plugin: String,
    /// The event's word.
    pub event: String,
    /// How often.
    pub total: u64,
    /// How long all of them took together.
    pub milliseconds: u64,
    /// How many fell into each bucket, and into none before it.
    pub buckets: [u64; BOUNDS.len()],
}

/// What is known of a plugin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PluginFacts {
    /// The plugin.
    pub slug: String,
    /// What is installed.
    pub version: String,
    /// What was thought of its signature when it was installed.
    pub verdict: String,
    /// When it was verified last, seconds since 1970.
    pub verified: Option<i64>,
}

/// All of it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Metrics {
    /// By plugin and event.
    pub counters: Vec<Counter>,
    /// What is installed, by name.
    pub plugins: Vec<PluginFacts>,
    /// Records of this server's audit log, where it has one.
    pub records: Option<Counted>,
}

impl Counter {
    fn is_timed(&self) -> bool {
        Event::of_word(&self.event).is_some_and(Event::is_timed)
    }

    fn labels(&self) -> [(&'static str, &str); 2] {
        [("plugin", &self.plugin), ("event", &self.event)]
    }

    /// How many fell into each bucket, with its bound in seconds; the last one has no bound.
    fn histogram(&self) -> Vec<(f64, u64)> {
        let mut buckets: Vec<(f64, u64)> = BOUNDS.iter().map(|bound| seconds(*bound)).zip(self.buckets).collect();
        let within = self.buckets.iter().copied().fold(0, u64::saturating_add);
        buckets.push((f64::INFINITY, self.total.saturating_sub(within)));
        buckets
    }

    fn shown(&self) -> Value {
        if self.is_timed() {
            json!({"total": self.total, "soma_ms": self.milliseconds, "faixas": self.buckets})
        } else {
            json!({"total": self.total})
        }
    }
}

/// Milliseconds as seconds. Numbers below 2^53 are exact.
#[expect(
    clippy::cast_precision_loss,
    reason = "285,000 years of milliseconds are exact, and a sum need not be"
)]
fn seconds(milliseconds: u64) -> f64 {
    milliseconds as f64 / 1000.0
}

/// The keys of metrics as JSON, in a file.
const KEYS: [&str; 2] = ["plugins", "auditoria"];
/// What a text of `OpenMetrics` ends with, and ours begin with.
const END: &[u8] = b"# EOF\n";
const BEGINNING: &[u8] = b"# HELP gestor_plugins_";

/// Whether that is a file of metrics, in either form.
pub fn is_metrics(bytes: &[u8]) -> bool {
    let is_json = || {
        let read: Option<Map<String, Value>> = serde_json::from_slice(bytes).ok();
        read.is_some_and(|read| read.len() == KEYS.len() && KEYS.iter().all(|key| read.contains_key(*key)))
    };
    let is_text = bytes == END || (bytes.starts_with(BEGINNING) && bytes.ends_with(END));
    is_text || is_json()
}

impl Metrics {
    /// As a text of `OpenMetrics`.
    ///
    /// # Errors
    /// Never, as long as texts take what is written to them.
    pub fn open_metrics(self) -> Result<String, fmt::Error> {
        let mut registry = Registry::default();
        registry.register_collector(Box::new(self));
        let mut written = String::new();
        text::encode(&mut written, &registry)?;
        Ok(written)
    }

    /// Records of the audit log; null where there is none.
    pub fn json_of_records(&self) -> Value {
        let shown = |counted: Counted| json!({"permitidos": counted.allowed, "negados": counted.refused});
        self.records.map_or(Value::Null, shown)
    }

    /// A list of plugins: of what is installed, and of what was counted.
    pub fn json(&self) -> Vec<Value> {
        let mut names: Vec<&str> = self.plugins.iter().map(|plugin| plugin.slug.as_str()).collect();
        names.extend(self.counters.iter().map(|counter| counter.plugin.as_str()));
        names.sort_unstable();
        names.dedup();
        names.into_iter().map(|name| self.plugin(name)).collect()
    }

    fn plugin(&self, name: &str) -> Value {
        // Both are in the order of names.
        let first = self.counters.partition_point(|counter| counter.plugin.as_str() < name);
        let counters = self.counters[first..]
            .iter()
            .take_while(|counter| counter.plugin == name);
        let events: Map<String, Value> = counters
            .map(|counter| (counter.event.clone(), counter.shown()))
            .collect();
        let at = self.plugins.binary_search_by(|plugin| plugin.slug.as_str().cmp(name));
        let facts = at.ok().map(|at| &self.plugins[at]);
        json!({
            "slug": name,
            "versao": facts.map(|facts| &facts.version),
            "veredito": facts.map(|facts| &facts.verdict),
            "verificado_em": facts.and_then(|facts| facts.verified),
            "eventos": events,
        })
    }
}

impl Collector for Metrics {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
        let mut operations = encoder.encode_descriptor(
            "gestor_plugins_operations",
            "What happened to plugins, by event.",
            None,
            MetricType::Counter,
        )?;
        for counter in &self.counters {
            let labels = counter.labels();
            let mut of_one = operations.encode_family(&labels)?;
            of_one.encode_counter::<NoLabelSet, u64, f64>(&counter.total, None)?;
        }
        let mut durations = encoder.encode_descriptor(
            "gestor_plugins_operation_duration",
            "How long what happened took, until it was committed or had failed.",
            Some(&Unit::Seconds),
            MetricType::Histogram,
        )?;
        for counter in self.counters.iter().filter(|counter| counter.is_timed()) {
            let (labels, sum) = (counter.labels(), seconds(counter.milliseconds));
            let mut of_one = durations.encode_family(&labels)?;
            of_one.encode_histogram::<NoLabelSet>(sum, counter.total, &counter.histogram(), None)?;
        }
        // The collector of files knows no type `info`, and would take nothing of a text that has one.
        let mut installed = encoder.encode_descriptor(
            "gestor_plugins_info",
            "What is installed, and what was thought of its signature then.",
            None,
            MetricType::Gauge,
        )?;
        for plugin in &self.plugins {
            let PluginFacts {
                slug, version, verdict, ..
            } = plugin;
            let labels = [
                ("plugin", slug.as_str()),
                ("version", version.as_str()),
                ("verdict", verdict.as_str()),
            ];
            installed.encode_family(&labels)?.encode_gauge(&1i64)?;
        }
        let mut verified = encoder.encode_descriptor(
            "gestor_plugins_last_verification_timestamp",
            "When what is installed was verified last.",
            Some(&Unit::Seconds),
            MetricType::Gauge,
        )?;
        for plugin in &self.plugins {
            if let Some(at) = plugin.verified {
                let labels = [("plugin", plugin.slug.as_str())];
                verified.encode_family(&labels)?.encode_gauge(&at)?;
            }
        }
        self.encode_records(&mut encoder)
    }
}

impl Metrics {
    fn encode_records(&self, encoder: &mut DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
        let Some(counted) = self.records else {
            return Ok(());
        };
        let mut records = encoder.encode_descriptor(
            "gestor_plugins_audit_records",
            "Records of this server's audit log: of what was let through, and of what was refused.",
            None,
            MetricType::Counter,
        )?;
        for (allowed, count) in [("true", counted.allowed), ("false", counted.refused)] {
            let labels = [("allowed", allowed)];
            let mut of_one = records.encode_family(&labels)?;
            of_one.encode_counter::<NoLabelSet, u64, f64>(&count, None)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counter(plugin: &str, event: &str, total: u64, buckets: [u64; BOUNDS.len()]) -> Counter {
        Counter {
            plugin: plugin.to_owned(),
            event: event.to_owned(),
            total,
            milliseconds: 1_250,
            buckets,
        }
    }

    fn metrics() -> Metrics {
        Metrics {
            counters: vec![
                counter("agenda", "install_success", 3, [1, 0, 1, 0, 0, 0]),
                counter("agenda", "signature_refused", 2, [0; 6]),
                counter("blog", "of_a_newer_release", 1, [0; 6]),
            ],
            plugins: vec![PluginFacts {
                slug: "agenda".to_owned(),
                version: "1.0.0 \"b\"".to_owned(),
                verdict: "valida".to_owned(),
                verified: Some(1_790_000_000),
            }],
            records: Some(Counted { allowed: 7, refused: 2 }),
        }
    }

    #[test]
    fn the_text_has_each_counter_and_cumulates_buckets() {
        let text = metrics().open_metrics().unwrap();
        for line in [
            "# TYPE gestor_plugins_operations counter",
            "gestor_plugins_operations_total{plugin=\"agenda\",event=\"install_success\"} 3",
            "gestor_plugins_operations_total{plugin=\"agenda\",event=\"signature_refused\"} 2",
            "gestor_plugins_operations_total{plugin=\"blog\",event=\"of_a_newer_release\"} 1",
            "# UNIT gestor_plugins_operation_duration_seconds seconds",
            "gestor_plugins_operation_duration_seconds_sum{plugin=\"agenda\",event=\"install_success\"} 1.25",
            "gestor_plugins_operation_duration_seconds_bucket{le=\"0.5\",plugin=\"agenda\",event=\"install_success\"} 1",
            "gestor_plugins_operation_duration_seconds_bucket{le=\"120.0\",plugin=\"agenda\",event=\"install_success\"} 2",
            "gestor_plugins_operation_duration_seconds_bucket{le=\"+Inf\",plugin=\"agenda\",event=\"install_success\"} 3",
            "gestor_plugins_info{plugin=\"agenda\",version=\"1.0.0 \\\"b\\\"\",verdict=\"valida\"} 1",
            "gestor_plugins_last_verification_timestamp_seconds{plugin=\"agenda\"} 1790000000",
            "gestor_plugins_audit_records_total{allowed=\"true\"} 7",
            "gestor_plugins_audit_records_total{allowed=\"false\"} 2",
        ] {
            assert!(text.lines().any(|found| found == line), "{line}\n{text}");
        }
        assert!(text.ends_with("# EOF\n"));
        // Those that a reader of the older form of the text knows as well: the collector of files is one.
        let mut types = text
            .lines()
            .filter_map(|line| line.strip_prefix("# TYPE ")?.split(' ').next_back());
        assert!(
            types.all(|word| ["counter", "gauge", "histogram"].contains(&word)),
            "{text}"
        );
        assert!(
            !text.contains("seconds_sum{plugin=\"agenda\",event=\"signature_refused\"}"),
            "{text}"
        );
    }

    #[test]
    fn json_has_each_plugin_once() {
        let expected = json!({"permitidos": 7, "negados": 2});
        assert_eq!(metrics().json_of_records(), expected);
        assert_eq!(
            Value::Array(metrics().json()),
            json!([
                {
                    "slug": "agenda", "versao": "1.0.0 \"b\"", "veredito": "valida", "verificado_em": 1_790_000_000,
                    "eventos": {
                        "install_success": {"total": 3, "soma_ms": 1250, "faixas": [1, 0, 1, 0, 0, 0]},
                        "signature_refused": {"total": 2},
                    },
                },
                {
                    "slug": "blog", "versao": null, "veredito": null, "verificado_em": null,
                    "eventos": {"of_a_newer_release": {"total": 1}},
                },
            ])
        );
    }
}
