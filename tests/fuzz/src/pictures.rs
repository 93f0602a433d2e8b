//! QR codes.

/// The bytes of a picture file.
pub fn file(data: &[u8]) {
    if let Ok(texts) = wallet_host::read_qr_picture(data) {
        assert!(!texts.is_empty());
    }
}

/// What a camera saw: a width, then grey pixels.
pub fn camera(data: &[u8]) {
    let Some((width, luma)) = data.split_first() else { return };
    let width = u32::from(*width).max(1);
    let height = (luma.len() as u32 / width).min(255);
    let luma = luma[..(width * height) as usize].to_vec();
    if let Ok(texts) = wallet_core::decode_qr(luma, width, height) {
        for text in texts {
            let _ = protocol::link::Link::parse(&text);
        }
    }
}
