//! tmp
mod common;
use acetate_testing::GitRepo;
use acetate_types::*;
use acetate_git::*;
use std::time::Instant;
use bytes::Bytes;
#[test]
fn measure() {
    let repo = GitRepo::bare(ObjectFormat::Sha1);
    let repository = common::open(&repo);
    let src: String = std::fs::read_to_string("src/refs.rs").unwrap() + &std::fs::read_to_string("src/process/run.rs").unwrap() + &std::fs::read_to_string("src/open.rs").unwrap();
    for size in [5000usize, 100] {
    let (mut th, mut tw) = (vec![], vec![]);
    for round in 0..60 {
        let t = Instant::now();
        let mut batch = ObjectBatch::new(ObjectFormat::Sha1);
        let entries = (0..50).map(|at| { 
            let data = Bytes::from(format!("// {round} {at}\n{}", &src[(at * 331)..][..size]));
            common::file(&format!("f{at}"), batch.blob(data)) }).collect();
        batch.tree(Tree::new(entries));
        th.push(t.elapsed());
        let t = Instant::now();
        let kept = repository.write_pack(&[&batch]).unwrap();
        tw.push(t.elapsed());
        kept.release().unwrap();
    }
    th.sort(); tw.sort();
    println!("size {size}: hash {:?} write median {:?} min {:?} p90 {:?}", th[30], tw[30], tw[0], tw[54]);
    }
    let mut ids = vec![];
    let t = Instant::now();
    for at in 0..3000 { let (b, c) = common::batch_of(ObjectFormat::Sha1, &[], &at.to_string(), &[("f", at.to_string().as_bytes())]); repository.write_pack(&[&b]).unwrap().release().unwrap(); ids.push(c); }
    println!("3000 packs written {:?}", t.elapsed());
    let t = Instant::now();
    for _ in 0..100 { for id in &ids[2900..] { repository.commit(id).unwrap(); } }
    println!("cached commit {:?}", t.elapsed() / 10000);
    let fresh = Repository::open(repo.path(), &OpenOptions { cache_bytes: 0, ..OpenOptions::default() }).unwrap();
    let t = Instant::now(); fresh.commit(&ids[5]).unwrap(); println!("first read of 3120 packs {:?}", t.elapsed());
    let t = Instant::now(); for id in &ids { fresh.commit(id).unwrap(); } println!("uncached read {:?}", t.elapsed() / 3000);
    let t = Instant::now(); for at in 0..20u8 { let mut b = [7u8; 20]; b[0] = at; assert!(fresh.kind(&ObjectId::from_bytes(&b).unwrap()).unwrap().is_none()); } println!("miss {:?}", t.elapsed() / 20);
    let t = Instant::now(); repository.geometric_repack(common::MINUTE).unwrap(); println!("repack {:?} {:?}", t.elapsed(), repository.pack_stats());
    let t = Instant::now(); for id in &ids { fresh.commit(id).unwrap(); } println!("uncached read after repack {:?}", t.elapsed() / 3000);
    let names: Vec<_> = (0..50).map(|at| RefUpdate { name: format!("refs/namespaces/a/refs/heads/{at}"), expected: Expected::Absent, new: Some(ids[at]), message: String::new() }).collect();
    let t = Instant::now(); repository.update_refs(&names).unwrap(); println!("50 refs {:?}", t.elapsed());
    let one = [RefUpdate { name: "refs/namespaces/a/refs/heads/1".into(), expected: Expected::At(ids[1]), new: Some(ids[2]), message: String::new() }];
    let t = Instant::now(); repository.update_refs(&one).unwrap(); println!("1 ref {:?}", t.elapsed());
}
