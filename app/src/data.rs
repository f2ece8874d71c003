//! How data gets from the server into a page: with the document while it is hydrated, by a server function after that.

use domain::{Unreadable, from_tree};
use leptos::{
    prelude::*,
    server::codee::{Decoder, Encoder},
};
use serde::{Serialize, de::DeserializeOwned};
use server_fn::{Bytes, ContentType, Decodes, Encodes, Format, FormatType, codec::Post};

use crate::server;

/// JSON, read by way of one tree. Serde makes a copy of each type's code for each kind of input; text of a document, bytes
/// of an answer and a patched row would be three in the wasm.
pub struct Tree;

/// Reads JSON text.
///
/// # Errors
/// The text is not JSON, or does not have the shape of `T`.
pub fn read<T: DeserializeOwned>(text: &str) -> Result<T, Unreadable> {
    from_tree(&server::tree(text)?)
}

/// The encoding of arguments and answers of server functions: JSON in the body of a POST.
pub type Json = Post<Tree>;

impl ContentType for Tree {
    const CONTENT_TYPE: &'static str = "application/json";
}

impl FormatType for Tree {
    const FORMAT_TYPE: Format = Format::Text;
}

impl<T: Serialize> Encodes<T> for Tree {
    type Error = serde_json::Error;

    fn encode(value: &T) -> Result<Bytes, Self::Error> {
        serde_json::to_vec(value).map(Bytes::from)
    }
}

impl<T: DeserializeOwned> Decodes<T> for Tree {
    type Error = Unreadable;

    fn decode(bytes: Bytes) -> Result<T, Self::Error> {
        read(&String::from_utf8_lossy(&bytes))
    }
}

impl<T: Serialize> Encoder<T> for Tree {
    type Error = serde_json::Error;
    type Encoded = String;

    fn encode(value: &T) -> Result<String, Self::Error> {
        serde_json::to_string(value)
    }
}

impl<T: DeserializeOwned> Decoder<T> for Tree {
    type Error = Unreadable;
    type Encoded = str;

    fn decode(text: &str) -> Result<T, Self::Error> {
        read(text)
    }
}

/// What a page asks the server for, again when `source` changes.
pub type Resource<T> = leptos::prelude::Resource<T, Tree>;

/// A [`Resource`].
pub fn resource<S, T, Asked>(
    source: impl Fn() -> S + Send + Sync + 'static,
    fetcher: impl Fn(S) -> Asked + Send + Sync + 'static,
) -> Resource<T>
where
    S: PartialEq + Clone + Send + Sync + 'static,
    T: Serialize + DeserializeOwned + Send + Sync + 'static,
    Asked: Future<Output = T> + Send + 'static,
{
    Resource::new_with_options(source, fetcher, false)
}

/// A value that the server makes and the document brings along.
pub fn shared<T: Serialize + DeserializeOwned + 'static>(make: impl FnOnce() -> T) -> T {
    SharedValue::<T, Tree>::new_with_encoding(make).into_inner()
}
