//! A sample of each variant of what is told of settings.

use super::parts::*;
use super::{Sample, samples};
use crate::base::db::DbError;
use crate::settings::{Reason, SchemaFault, SettingsError, ValueFault};

pub(super) fn all() -> Vec<Sample> {
    let mut samples = samples!(SettingsError as SettingsError:
        TooLarge SettingsError::TooLarge { most: 11 };
        NotJson SettingsError::NotJson { line: 11, column: 12, reason: text(13) };
        Schema SettingsError::Schema { pointer: text(11), fault: SchemaFault::NoTarget { to: text(12) } };
        None SettingsError::None { slug: text(11) };
        Modules SettingsError::Modules { slug: text(11), modules: text(12) };
        OtherModule SettingsError::OtherModule { slug: text(11), module: text(12) };
        OtherOwner SettingsError::OtherOwner { id: text(11), module: text(12), owner: text(13) };
        Language SettingsError::Language { language: text(11), known: text(12) };
        NoValues SettingsError::NoValues;
        Values SettingsError::Values { faults: vec![value(11), value(13)] };
        Database SettingsError::Database(DbError::Deadlock);
        Unreadable SettingsError::Unreadable { column: "c11" };);
    samples.push(Sample::of("ValueFault", &value(11)));
    samples.extend(schemas());
    samples.extend(values());
    samples
}

fn value(number: u32) -> ValueFault {
    ValueFault {
        pointer: text(number),
        reason: Reason::AtLeast {
            bound: text(number + 1),
        },
    }
}

fn schemas() -> Vec<Sample> {
    samples!(SchemaFault as SchemaFault:
        NoObject SchemaFault::NoObject;
        Draft SchemaFault::Draft { found: text(11), known: text(12) };
        TooMany SchemaFault::TooMany { what: said(11), most: 12 };
        Costly SchemaFault::Costly { most: 11 };
        Reference SchemaFault::Reference { to: text(11) };
        NoTarget SchemaFault::NoTarget { to: text(11) };
        Id SchemaFault::Id;
        Pattern SchemaFault::Pattern { pattern: text(11), reason: text(12) };
        Wrong SchemaFault::Wrong(Reason::AtLeast { bound: text(11) });
        Invalid SchemaFault::Invalid { reason: text(11) };
        Extension SchemaFault::Extension { word: text(11) };
        ExtensionValue SchemaFault::ExtensionValue { word: "w11", wanted: said(12) };
        Widget SchemaFault::Widget { found: text(11), known: text(12) };
        WidgetType SchemaFault::WidgetType { widget: "w11", wanted: said(12) };
        Secret SchemaFault::Secret;
        SecretPlace SchemaFault::SecretPlace;
        Name SchemaFault::Name { most: 11 };
        Renamed SchemaFault::Renamed { id: text(11) };
        SameName SchemaFault::SameName { id: text(11) };
        Default SchemaFault::Default(value(11));)
}

fn values() -> Vec<Sample> {
    samples!(Reason as Reason:
        Type Reason::Type { wanted: text(11) };
        Choice Reason::Choice;
        Format Reason::Format { name: text(11) };
        AtLeast Reason::AtLeast { bound: text(11) };
        AtMost Reason::AtMost { bound: text(11) };
        Above Reason::Above { bound: text(11) };
        Below Reason::Below { bound: text(11) };
        Step Reason::Step { step: text(11) };
        Short Reason::Short { least: 11 };
        Long Reason::Long { most: 11 };
        Pattern Reason::Pattern { pattern: text(11) };
        Few Reason::Few { least: 11 };
        Many Reason::Many { most: 11 };
        Twice Reason::Twice;
        Required Reason::Required;
        Unknown Reason::Unknown;
        NoneFits Reason::NoneFits { word: "w11" };
        SeveralFit Reason::SeveralFit;
        Forbidden Reason::Forbidden;
        Other Reason::Other { word: "w11" };
        LineBreak Reason::LineBreak;
        TooLong Reason::TooLong { most: 11 };
        Quantity Reason::Quantity;
        Money Reason::Money;
        Day Reason::Day;
        Minute Reason::Minute;
        Number Reason::Number;
        Truth Reason::Truth;
        Json Reason::Json;
        Deep Reason::Deep { most: 11 };
        Laborious Reason::Laborious { most: 11 };
        More Reason::More { most: 11 };)
}
