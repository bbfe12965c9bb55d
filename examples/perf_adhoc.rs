use std::time::Instant;
use gestor_plugins::base::db::Database;
use gestor_plugins::config::*;
use gestor_plugins::data::*;
use gestor_plugins::log::Silent;
use gestor_plugins::model::Slug;

fn rss() -> String { std::fs::read_to_string("/proc/self/status").unwrap().lines().filter(|l| l.starts_with("VmRSS")||l.starts_with("VmHWM")).map(|l| l.split_whitespace().skip(1).next().unwrap().parse::<u64>().unwrap()/1024).map(|n| n.to_string()).collect::<Vec<_>>().join("/")+" MB (hwm/rss)" }

fn page(i: usize, v: &str, size: usize) -> String {
    let body: String = (0..size/50).map(|k| format!("<div class=\\\"c{k} x{i}\\\">it's some text {v} ção</div>\\n")).collect();
    format!("{{\"layout_id\":\"l\",\"nome\":\"N {i}\",\"id\":\"x-{i}\",\"language\":\"pt-br\",\"caminho\":\"x-{i}/\",\"tipo\":\"page\",\"modulo\":null,\"opcao\":null,\"raiz\":null,\"sem_permissao\":null,\"html\":\"{body}\",\"css\":\"a{{}}\",\"framework_css\":null,\"status\":\"A\",\"versao\":1,\"file_version\":\"1.0\",\"checksum\":{{\"html\":\"h\",\"css\":\"c\",\"combined\":\"b\"}}}}")
}
fn variable(i: usize, v: &str) -> String { format!("{{\"language\":\"pt-br\",\"modulo\":\"m\",\"id\":\"v-{i}\",\"valor\":\"{v}\",\"tipo\":\"string\",\"grupo\":null,\"descricao\":null}}") }
fn package(pages: usize, vars: usize, v: &str, size: usize) -> Vec<TableRows> {
    let mut out = vec![];
    if pages > 0 { let t = format!("[{}]", (0..pages).map(|i| page(i, v, size)).collect::<Vec<_>>().join(","));
        std::fs::write("/tmp/perf_pages.json", &t).unwrap(); drop(t);
        let s = Instant::now();
        let f = std::fs::File::open("/tmp/perf_pages.json").unwrap();
        out.push(("paginas".to_string(), parse_data_file(f, "db/data/PaginasData.json").unwrap()));
        println!("parse pages {:?}", s.elapsed()); }
    if vars > 0 { let t = format!("[{}]", (0..vars).map(|i| variable(i, v)).collect::<Vec<_>>().join(","));
        out.push(("variaveis".to_string(), parse_data_file(t.as_bytes(), "db/data/VariaveisData.json").unwrap())); }
    TableRows::collect(out.into_iter().map(|(t, r)| (gestor_plugins::model::TableName::new(&t).unwrap(), r)))
}
fn sync(db: &mut Database, slug: &str, tables: &[TableRows], what: &str) {
    let slug = Slug::normalize(slug).unwrap();
    let contracts = Contracts::new(None);
    let core = CoreKeys::read(Some("2.9.43"), std::path::Path::new("/nowhere")).unwrap();
    let request = Request { slug: &slug, tables, adoption: Adoption::Orphans, conflicts: Conflicts::Abort, orphans: Orphans::Log, contracts: &contracts, core: &core, previous: None };
    let a = Instant::now();
    db.begin().unwrap();
    let p = plan(db, &request, &Silent).unwrap();
    let b = Instant::now();
    apply(db, &p, &request, &Silent).unwrap();
    let c = Instant::now();
    db.commit().unwrap();
    println!("{what}: plan {:?} apply {:?} commit {:?} | {:?} notices {} | {}", b-a, c-b, c.elapsed(), p.total(), p.notices.len(), rss());
    for n in p.notices.iter().take(2) { println!("  {n}"); }
}
fn main() {
    let socket = std::env::args().nth(1).unwrap();
    let settings = DatabaseSettings { socket: Some(socket.into()), name: "perf".into(), user: "root".into(), ..Default::default() };
    let mut db = Database::connect(&settings).unwrap();
    match std::env::args().nth(2).as_deref() {
        Some("mem") => {
            println!("start {}", rss());
            let t = package(5000, 0, "a", 5000);
            println!("parsed {}", rss());
            sync(&mut db, "p1", &t, "first 5000x5K");
            sync(&mut db, "p1", &t, "again 5000x5K");
            drop(t);
            let t = package(5000, 0, "b", 5000);
            println!("parsed 2nd {}", rss());
            sync(&mut db, "p1", &t, "update 5000x5K");
        }
        Some("foreign") => {
            for n in [0usize, 100_000] {
                db.execute("delete from paginas").unwrap(); 
                if n > 0 {
                    db.execute("insert into paginas (nome,id,plugin,language,caminho,html,css) select concat('n',seq),concat('f-',seq),if(seq%2,null,'other'),'pt-br',concat('f-',seq,'/'),repeat('<p>hello world</p>',50),'a{}' from seq_1_to_100000").unwrap();
                    db.execute("insert into paginas (nome,id,plugin,language,caminho,html,css) select concat('n',seq),concat('x-',seq),'other','en',concat('f-',seq,'/'),repeat('<p>hello world</p>',50),'a{}' from seq_1_to_100").unwrap();
                }
                db.query("analyze table paginas").unwrap();
                let t = package(50, 0, "a", 5000);
                for _ in 0..3 {
                    db.execute("delete from paginas where plugin='p1'").unwrap();
                    sync(&mut db, "p1", &t, &format!("50 pages into {n}"));
                    sync(&mut db, "p1", &t, &format!("again, {n}"));
                }
            }
        }
        _ => {
            let t = package(0, 16000, "a", 0);
            sync(&mut db, "p1", &t, "first 16000");
            sync(&mut db, "p1", &t, "again 16000");
            let t = package(0, 16000, "b", 0);
            sync(&mut db, "p1", &t, "update 16000");
        }
    }
}
