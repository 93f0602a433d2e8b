//! A file in MaxMind's format (MMDB 2.0), written from its description: IPv4 networks with a country and a city each.

/// One network: its first address, the length of its prefix, ISO code, country and city.
pub type Network<'a> = (&'a str, u8, &'a str, &'a str, &'a str);

/// What a branch of the tree leads to.
#[derive(Clone, Copy)]
enum Branch {
    Nowhere,
    Node(usize),
    Data(usize),
}

/// The bytes of a file that knows these networks and no others.
pub fn place_file(networks: &[Network<'_>]) -> Vec<u8> {
    let mut nodes = vec![[Branch::Nowhere; 2]];
    let mut data = Vec::new();
    for (first, length, code, country, city) in networks {
        let bits = u32::from(first.parse::<std::net::Ipv4Addr>().unwrap());
        let mut node = 0;
        for depth in 0..*length {
            let side = (bits >> (31 - depth) & 1) as usize;
            if depth + 1 == *length {
                nodes[node][side] = Branch::Data(data.len());
            } else if let Branch::Node(next) = nodes[node][side] {
                node = next;
            } else {
                nodes.push([Branch::Nowhere; 2]);
                nodes[node][side] = Branch::Node(nodes.len() - 1);
                node = nodes.len() - 1;
            }
        }
        map(&mut data, 2);
        text(&mut data, "city");
        map(&mut data, 1);
        text(&mut data, "names");
        map(&mut data, 1);
        text(&mut data, "en");
        text(&mut data, city);
        text(&mut data, "country");
        map(&mut data, 2);
        text(&mut data, "iso_code");
        text(&mut data, code);
        text(&mut data, "names");
        map(&mut data, 1);
        text(&mut data, "en");
        text(&mut data, country);
    }
    let count = nodes.len();
    let mut file = Vec::new();
    for branch in nodes.iter().flatten() {
        let record = match branch {
            Branch::Nowhere => count,
            Branch::Node(node) => *node,
            Branch::Data(offset) => count + 16 + offset,
        };
        file.extend(&(record as u32).to_be_bytes()[1..]);
    }
    file.extend([0; 16]);
    file.extend(data);
    file.extend(b"\xab\xcd\xefMaxMind.com");
    metadata(&mut file, count);
    file
}

fn metadata(file: &mut Vec<u8>, count: usize) {
    map(file, 9);
    for (name, value) in
        [("binary_format_major_version", 2), ("binary_format_minor_version", 0), ("ip_version", 4), ("record_size", 24)]
    {
        text(file, name);
        file.push(5 << 5 | 2);
        file.extend(u16::to_be_bytes(value));
    }
    text(file, "node_count");
    file.push(6 << 5 | 4);
    file.extend((count as u32).to_be_bytes());
    text(file, "build_epoch");
    // Types from 8 on stand in a second byte, less 7: 9 is a 64-bit number, 11 a list.
    file.extend([8, 2]);
    file.extend(1_767_607_200_u64.to_be_bytes());
    text(file, "database_type");
    text(file, "Test");
    text(file, "description");
    map(file, 1);
    text(file, "en");
    text(file, "Test");
    text(file, "languages");
    file.extend([1, 4]);
    text(file, "en");
}

fn map(out: &mut Vec<u8>, members: u8) {
    out.push(7 << 5 | members);
}

fn text(out: &mut Vec<u8>, value: &str) {
    assert!(value.len() < 29, "longer texts are written otherwise");
    out.push(2 << 5 | value.len() as u8);
    out.extend(value.as_bytes());
}
