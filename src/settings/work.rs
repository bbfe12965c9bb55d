//! How much there is to judge in a value: a walk over it and the schema as the validator makes it, which stops where it becomes
//! too much. It never counts less than the validator does, so whatever passes here is judged in bounded time and memory. Pure.

use std::collections::{HashMap, VecDeque};

use serde_json::{Map, Value};

use super::Reason;
use super::pointer;

/// Parts of a schema that are read for the values of one judgement at most; long texts and lists count as several.
pub(super) const MOST: u64 = 300_000;
/// How many parts and values may stand in one another: what a thread's stack holds.
const DEPTH: usize = 32 * 12;
/// Bytes of a text that an expression reads in the time of one part.
const BYTES: usize = 8;
/// Names of an object, and values of an `enum`, that are looked at in that time.
const LOOKS: usize = 8;
/// What one of the metaschemas takes for one value.
const METASCHEMA: u64 = 100;
/// Items that are compared each with each other, as the validator does it with short lists.
const COMPARED: u64 = 20;

const SAME: [&str; 7] = ["allOf", "anyOf", "oneOf", "not", "if", "then", "else"];
const REFERENCES: [&str; 3] = ["$ref", "$dynamicRef", "$recursiveRef"];
const ANCHORS: [&str; 2] = ["$anchor", "$dynamicAnchor"];
const EACH_ITEM: [&str; 4] = ["items", "contains", "additionalItems", "unevaluatedItems"];
const OTHER_NAMES: [&str; 2] = ["additionalProperties", "unevaluatedProperties"];
const TEXTS: [&str; 4] = ["pattern", "format", "minLength", "maxLength"];

/// It is too much.
#[derive(Debug)]
struct TooMuch;

/// A part of a schema, by what it says of a value and of those below it. Numbers are places among the parts.
#[derive(Debug, Default)]
struct Part {
    /// Parts that the same value is held against.
    same: Vec<usize>,
    /// The same, where the value has a name.
    dependent: Vec<(String, usize)>,
    named: HashMap<String, usize>,
    /// Expressions for names.
    each_name: Vec<usize>,
    other_names: Vec<usize>,
    /// For the names themselves.
    names: Vec<usize>,
    /// For items by their place.
    places: Vec<Vec<usize>>,
    each_item: Vec<usize>,
    /// What is compared with the value.
    compared: u64,
    /// Words that read a text.
    texts: usize,
    is_set: bool,
    /// How often it refers to a metaschema.
    metaschemas: u64,
}

/// A schema as the walk needs it.
#[derive(Debug, Default)]
pub(super) struct Work {
    parts: Vec<Part>,
    /// It says something of what other parts left over, for which the validator keeps lists.
    keeps_lists: bool,
}

impl Work {
    /// That of a schema, which is within the limits, and of its parts at these places.
    pub(super) fn of<'p>(schema: &Value, places: impl IntoIterator<Item = &'p str>) -> (Self, HashMap<String, usize>) {
        let mut reading = Reading {
            root: schema,
            anchors: HashMap::new(),
            known: HashMap::new(),
            left: VecDeque::new(),
            work: Self::default(),
        };
        reading.anchors(schema, "");
        reading.part(schema);
        let places = places
            .into_iter()
            .filter_map(|place| Some((place.to_owned(), reading.part(schema.pointer(place)?))));
        let places = places.collect();
        while let Some((number, value)) = reading.left.pop_front() {
            let part = value.as_object().map(|map| reading.read(map)).unwrap_or_default();
            reading.work.parts[number] = part;
        }
        (reading.work, places)
    }

    /// Takes what holding a value against a part costs from what is left.
    ///
    /// # Errors
    /// It is more than that.
    pub(super) fn spend(&self, part: usize, value: &Value, left: &mut u64) -> Result<(), Reason> {
        let mut walk = Walk {
            work: self,
            left: *left,
            sizes: HashMap::new(),
        };
        let spent = walk.value(part, value, &Above::default());
        *left = walk.left;
        spent.map_err(|TooMuch| Reason::Laborious { most: MOST })
    }
}

/// A schema while it is read.
struct Reading<'s> {
    root: &'s Value,
    anchors: HashMap<&'s str, Vec<String>>,
    known: HashMap<*const Value, usize>,
    left: VecDeque<(usize, &'s Value)>,
    work: Work,
}

impl<'s> Reading<'s> {
    /// Everything that has a name, wherever it stands: what the validator does not take for one costs nothing.
    fn anchors(&mut self, value: &'s Value, at: &str) {
        match value {
            Value::Object(map) => {
                for name in ANCHORS.iter().filter_map(|word| map.get(*word)?.as_str()) {
                    self.anchors.entry(name).or_default().push(at.to_owned());
                }
                for (name, below) in map {
                    self.work.keeps_lists |= name.starts_with("unevaluated");
                    self.anchors(below, &pointer::below(at, name));
                }
            }
            Value::Array(items) => {
                for (place, item) in items.iter().enumerate() {
                    self.anchors(item, &format!("{at}/{place}"));
                }
            }
            _ => {}
        }
    }

    fn part(&mut self, value: &'s Value) -> usize {
        let next = self.work.parts.len();
        let number = *self.known.entry(std::ptr::from_ref(value)).or_insert(next);
        if number == next {
            self.work.parts.push(Part::default());
            self.left.push_back((number, value));
        }
        number
    }

    fn list(&mut self, value: Option<&'s Value>) -> Vec<usize> {
        match value {
            Some(Value::Array(items)) => items.iter().map(|item| self.part(item)).collect(),
            Some(one) => vec![self.part(one)],
            None => Vec::new(),
        }
    }

    fn by_name(&mut self, value: Option<&'s Value>) -> Vec<(String, usize)> {
        let map = value.and_then(Value::as_object).into_iter().flatten();
        // A list of names is no part.
        let parts = map.filter(|(_, part)| !part.is_array());
        parts.map(|(name, part)| (name.clone(), self.part(part))).collect()
    }

    fn read(&mut self, map: &'s Map<String, Value>) -> Part {
        let mut part = Part::default();
        for word in SAME {
            part.same.extend(self.list(map.get(word)));
        }
        for to in REFERENCES.iter().filter_map(|word| map.get(*word)?.as_str()) {
            match to.strip_prefix('#') {
                Some(fragment) => part.same.extend(self.targets(fragment)),
                // A part of ours that has the metaschema's own name is read in its place.
                None if self.anchors.contains_key("meta") => part.metaschemas = u64::MAX,
                None => part.metaschemas = part.metaschemas.saturating_add(METASCHEMA),
            }
        }
        for word in ["dependentSchemas", "dependencies"] {
            part.dependent.extend(self.by_name(map.get(word)));
        }
        part.named = self.by_name(map.get("properties")).into_iter().collect();
        let patterns = self.by_name(map.get("patternProperties"));
        part.each_name = patterns.into_iter().map(|(_, part)| part).collect();
        for word in OTHER_NAMES {
            part.other_names.extend(self.list(map.get(word)));
        }
        part.names = self.list(map.get("propertyNames"));
        for word in ["prefixItems", "items"] {
            if map.get(word).is_some_and(Value::is_array) {
                let places = self.list(map.get(word));
                part.places.push(places);
            }
        }
        for word in EACH_ITEM {
            if map.get(word).is_some_and(|items| !items.is_array()) {
                part.each_item.extend(self.list(map.get(word)));
            }
        }
        part.compared = compared(map);
        part.texts = TEXTS.iter().filter(|word| map.contains_key(**word)).count();
        part.is_set = map.get("uniqueItems").is_some_and(|set| *set == true);
        part
    }

    fn targets(&mut self, fragment: &str) -> Vec<usize> {
        let places = match pointer::of_fragment(fragment) {
            Some(place) => vec![place],
            None => self.anchors.get(fragment).cloned().unwrap_or_default(),
        };
        let targets = places.iter().filter_map(|place| self.root.pointer(place));
        let targets: Vec<&'s Value> = targets.collect();
        targets.into_iter().map(|target| self.part(target)).collect()
    }
}

/// What is compared with each value, and looked for among its names.
fn compared(map: &Map<String, Value>) -> u64 {
    let values = ["enum", "const"].iter().filter_map(|word| map.get(*word));
    let names = ["required", "dependentRequired", "dependencies"]
        .iter()
        .filter_map(|word| map.get(*word));
    let values: u64 = values.map(size).sum();
    values / steps(LOOKS) + names.map(size).sum::<u64>()
}

/// Values in a value, with itself.
fn size(value: &Value) -> u64 {
    1 + match value {
        Value::Array(items) => items.iter().map(size).sum(),
        Value::Object(map) => map.values().map(size).sum(),
        _ => 0,
    }
}

fn steps(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}

/// What led to a part.
#[derive(Default)]
struct Above<'a> {
    /// Parts for the same value, the last first.
    same: Option<(usize, &'a Above<'a>)>,
    depth: usize,
}

impl Above<'_> {
    fn has(&self, part: usize) -> bool {
        let mut above = self.same;
        while let Some((known, next)) = above {
            if known == part {
                return true;
            }
            above = next.same;
        }
        false
    }
}

struct Walk<'w> {
    work: &'w Work,
    left: u64,
    /// Of lists that are wanted without doubles.
    sizes: HashMap<*const Value, u64>,
}

impl<'w> Walk<'w> {
    fn spend(&mut self, steps: u64) -> Result<(), TooMuch> {
        self.left = self.left.checked_sub(steps).ok_or(TooMuch)?;
        Ok(())
    }

    fn value(&mut self, number: usize, value: &Value, above: &Above<'_>) -> Result<(), TooMuch> {
        let work: &'w Work = self.work;
        let Some(part) = work.parts.get(number) else {
            return Ok(());
        };
        self.spend(1 + part.compared)?;
        if above.depth > DEPTH {
            return Err(TooMuch);
        }
        // The validator ends a circle itself.
        if above.has(number) {
            return Ok(());
        }
        let here = Above {
            same: Some((number, above)),
            depth: above.depth + 1,
        };
        if part.metaschemas > 0 {
            self.spend(part.metaschemas.saturating_mul(size(value)))?;
        }
        let dependent = part.dependent.iter().filter(|(name, _)| value.get(name).is_some());
        for same in part.same.iter().chain(dependent.map(|(_, part)| part)) {
            self.value(*same, value, &here)?;
        }
        let below = Above {
            same: None,
            depth: here.depth,
        };
        match value {
            Value::Object(map) => self.object(part, map, &below),
            Value::Array(items) => self.items(part, (value, items), &below),
            Value::String(text) => self.spend(steps(part.texts * (text.len() / BYTES))),
            _ => Ok(()),
        }
    }

    fn count(&mut self, count: usize) -> Result<(), TooMuch> {
        let lists = if self.work.keeps_lists { 1 } else { LOOKS };
        self.spend(steps(count / lists))
    }

    fn object(&mut self, part: &'w Part, map: &Map<String, Value>, below: &Above<'_>) -> Result<(), TooMuch> {
        self.count(map.len())?;
        for (name, value) in map {
            let named = part.named.get(name);
            let others = if named.is_some() { &[][..] } else { &part.other_names };
            for each in named.into_iter().chain(&part.each_name).chain(others) {
                self.value(*each, value, below)?;
            }
            self.spend(steps(part.each_name.len() * (name.len() / BYTES)))?;
            for each in &part.names {
                self.value(*each, &Value::String(name.clone()), below)?;
            }
        }
        Ok(())
    }

    fn items(&mut self, part: &'w Part, (list, items): (&Value, &[Value]), below: &Above<'_>) -> Result<(), TooMuch> {
        self.count(items.len())?;
        if part.is_set {
            let size = *self.sizes.entry(std::ptr::from_ref(list)).or_insert_with(|| size(list));
            self.spend(size.saturating_mul(COMPARED) / steps(LOOKS))?;
        }
        for places in &part.places {
            for (item, each) in items.iter().zip(places) {
                self.value(*each, item, below)?;
            }
        }
        for item in items {
            for each in &part.each_item {
                self.value(*each, item, below)?;
            }
        }
        Ok(())
    }
}
