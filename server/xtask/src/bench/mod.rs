//! placeholder
pub fn run(_: &[String]) -> crate::Result<()> {
    Ok(())
}
