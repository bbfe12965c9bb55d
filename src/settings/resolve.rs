//! Where a reference within a schema leads. Pure.

use std::collections::HashMap;

use serde_json::{Map, Value};

use super::pointer;

/// Words that name a part.
const ANCHORS: [&str; 2] = ["$anchor", "$dynamicAnchor"];
/// References one behind the other.
const HOPS: usize = 16;
/// Words that a reference may have beside it, and which count before those of its target.
const BESIDE: [&str; 4] = ["title", "description", "default", super::words::EXTENSION];

/// A schema whose references are followed.
#[derive(Debug)]
pub(super) struct Resolver<'s> {
    root: &'s Value,
    /// Pointers of the parts that have a name.
    anchors: HashMap<&'s str, String>,
}

impl<'s> Resolver<'s> {
    pub(super) fn new(root: &'s Value) -> Self {
        let mut anchors = HashMap::new();
        let mut left = vec![(root, String::new())];
        while let Some((value, at)) = left.pop() {
            match value {
                Value::Object(map) => {
                    let named = ANCHORS.iter().filter_map(|word| map.get(*word)?.as_str());
                    anchors.extend(named.map(|name| (name, at.clone())));
                    left.extend(map.iter().map(|(name, below)| (below, pointer::below(&at, name))));
                }
                Value::Array(items) => {
                    let items = items.iter().enumerate();
                    left.extend(items.map(|(place, item)| (item, format!("{at}/{place}"))));
                }
                _ => {}
            }
        }
        Self { root, anchors }
    }

    /// The part that a schema refers to; nothing where it refers to none, or to something outside.
    pub(super) fn target(&self, schema: &Map<String, Value>) -> Option<&'s Value> {
        self.root.pointer(&self.place(schema)?)
    }

    /// Where that part stands.
    pub(super) fn place(&self, schema: &Map<String, Value>) -> Option<String> {
        let to = ["$ref", "$dynamicRef", "$recursiveRef"];
        let to = to.iter().find_map(|word| schema.get(*word)?.as_str())?;
        let fragment = to.strip_prefix('#')?;
        pointer::of_fragment(fragment).or_else(|| self.anchors.get(fragment).cloned())
    }

    /// A part and those that it leads to by its references, one behind the other, each with its place.
    pub(super) fn way(&self, part: &'s Value, at: String) -> Vec<(&'s Value, String)> {
        let mut way = vec![(part, at)];
        while way.len() <= HOPS
            && let Some(map) = way.last().and_then(|(part, _)| part.as_object())
            && let (Some(target), Some(place)) = (self.target(map), self.place(map))
        {
            way.push((target, place));
        }
        way
    }

    /// A schema with what it refers to in place of the reference.
    pub(super) fn effective(&self, schema: &Map<String, Value>) -> Map<String, Value> {
        let mut found = schema.clone();
        for _ in 0..HOPS {
            let Some(target) = self.target(&found).and_then(Value::as_object) else {
                break;
            };
            let mut next = target.clone();
            for word in BESIDE {
                let is_secret = word == super::words::EXTENSION && is_secret(&next);
                if let Some(said) = found.remove(word) {
                    next.insert(word.to_owned(), said);
                }
                if let (true, Some(Value::Object(said))) = (is_secret, next.get_mut(word)) {
                    said.insert("segredo".to_owned(), true.into());
                }
            }
            found = next;
        }
        found
    }
}

/// What is a secret for one is one for whoever refers to it.
fn is_secret(schema: &Map<String, Value>) -> bool {
    let said = schema.get(super::words::EXTENSION).and_then(|said| said.get("segredo"));
    said.is_some_and(|said| *said == true)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn references_lead_to_parts() {
        let root = json!({"$defs": {
            "a": {"type": "string", "title": "A"}, "b": {"$ref": "#/$defs/a", "description": "B"},
            "c": {"$anchor": "named", "type": "number"}, "loop": {"$ref": "#/$defs/loop"}, "a b": {"type": "null"},
        }});
        let resolver = Resolver::new(&root);
        let effective = |schema: Value| Value::Object(resolver.effective(schema.as_object().unwrap()));
        assert_eq!(
            effective(json!({"$ref": "#/$defs/b", "title": "T"})),
            json!({"type": "string", "title": "T", "description": "B"})
        );
        assert_eq!(effective(json!({"$ref": "#named"}))["type"], "number");
        assert_eq!(effective(json!({"$ref": "#/$defs/a%20b"}))["type"], "null");
        for to in ["#/$defs/none", "#none", "other.json"] {
            assert_eq!(effective(json!({"$ref": to})), json!({"$ref": to}));
        }
        assert!(effective(json!({"$ref": "#/$defs/loop"})).get("$ref").is_some());
        let place = resolver.place(json!({"$ref": "#named"}).as_object().unwrap());
        assert_eq!(place.as_deref(), Some("/$defs/c"));
    }
}
