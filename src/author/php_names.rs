//! Names that no class of a plugin can have, in lower case. Values only.

/// Words of PHP's own that are no names of classes.
const WORDS: &str = "abstract and array as break callable case catch class clone const continue declare default die do \
     echo else elseif empty enddeclare endfor endforeach endif endswitch endwhile eval exit extends final \
     finally fn for foreach function global goto if implements include instanceof insteadof interface \
     isset list match namespace new or print private protected public readonly require return static \
     switch throw trait try unset use var while xor yield self parent int float bool string true false \
     null void iterable object mixed never";

/// Classes and interfaces of PHP 8 itself, and of those of its extensions that gestors run with.
const CLASSES: &str = "allowdynamicproperties appenditerator argumentcounterror arithmeticerror arrayaccess arrayiterator \
     arrayobject assertionerror attribute backedenum badfunctioncallexception badmethodcallexception \
     cachingiterator callbackfilteriterator closedgeneratorexception closure compileerror countable \
     curlfile curlhandle curlmultihandle curlsharehandle curlstringfile dateinterval dateperiod datetime \
     datetimeimmutable datetimeinterface datetimezone deflatecontext deprecated directory \
     directoryiterator divisionbyzeroerror domainexception domattr domcdatasection domcharacterdata \
     domchildnode domcomment domdocument domdocumentfragment domdocumenttype domelement domentity \
     domentityreference domexception domimplementation domnamednodemap domnamespacenode domnode \
     domnodelist domnotation domparentnode domprocessinginstruction domtext domxpath emptyiterator error \
     errorexception exception fiber fibererror filesystemiterator filteriterator finfo generator \
     globiterator hashcontext infiniteiterator inflatecontext internaliterator invalidargumentexception \
     iterator iteratoraggregate iteratoriterator jsonexception jsonserializable lengthexception \
     libxmlerror limititerator logicexception multipleiterator mysqli norewinditerator \
     opensslasymmetrickey opensslcertificate opensslcertificatesigningrequest outeriterator \
     outofboundsexception outofrangeexception overflowexception override parentiterator parseerror pdo \
     pdoexception pdorow pdostatement phar phardata pharexception pharfileinfo phptoken rangeexception \
     recursivearrayiterator recursivecachingiterator recursivecallbackfilteriterator \
     recursivedirectoryiterator recursivefilteriterator recursiveiterator recursiveiteratoriterator \
     recursiveregexiterator recursivetreeiterator reflection reflectionattribute reflectionclass \
     reflectionclassconstant reflectionenum reflectionenumbackedcase reflectionenumunitcase \
     reflectionexception reflectionextension reflectionfiber reflectionfunction \
     reflectionfunctionabstract reflectiongenerator reflectionintersectiontype reflectionmethod \
     reflectionnamedtype reflectionobject reflectionparameter reflectionproperty reflectionreference \
     reflectiontype reflectionuniontype reflectionzendextension reflector regexiterator \
     returntypewillchange roundingmode runtimeexception seekableiterator sensitiveparameter \
     sensitiveparametervalue serializable sessionhandler sessionhandlerinterface sessionidinterface \
     sessionupdatetimestamphandlerinterface simplexmlelement simplexmliterator spldoublylinkedlist \
     splfileinfo splfileobject splfixedarray splheap splmaxheap splminheap splobjectstorage splobserver \
     splpriorityqueue splqueue splstack splsubject spltempfileobject stdclass stringable throwable \
     traversable typeerror underflowexception unexpectedvalueexception unhandledmatcherror unitenum \
     valueerror weakmap weakreference xmlparser xmlreader xmlwriter ziparchive";

/// Whether PHP has this name itself.
pub(super) fn is_phps(class: &str) -> bool {
    let class = class.to_ascii_lowercase();
    [WORDS, CLASSES]
        .iter()
        .any(|names| names.split(' ').any(|name| name == class))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_phps_own_are_known() {
        for (class, expected) in [
            ("List", true),
            ("Match", true),
            ("DateTime", true),
            ("PDO", true),
            ("ZipArchive", true),
            ("Exception", true),
            ("CreateList", false),
            ("Date", false),
            ("", false),
        ] {
            assert_eq!(is_phps(class), expected, "{class}");
        }
    }
}
