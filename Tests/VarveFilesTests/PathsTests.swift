import Testing

@testable import VarveFiles

/// Proves that paths are taken apart and put together as POSIX's dirname and basename do, on all the odd shapes.
@Suite struct PathsTests {
    @Test(arguments: [
        ("/a/b", "/a", "b"), ("/a", "/", "a"), ("a", ".", "a"), ("a/b/", "a", "b"), ("//a//b//", "//a", "b"),
        ("/", "/", "/"), ("///", "/", "/"), ("", ".", ""), ("ä/ö", "ä", "ö"), ("./x", ".", "x"),
    ])
    func parts(path: String, parent: String, last: String) {
        #expect(Paths.parent(path) == parent)
        #expect(Paths.lastComponent(path) == last)
    }

    @Test func joining() {
        #expect(Paths.join("a", "b") == "a/b")
        #expect(Paths.join("a/", "b") == "a/b")
        #expect(Paths.join("/", "b") == "/b")
        #expect(Paths.join("", "b") == "b")
        #expect(Paths.temporary(for: "/r/index/1.manifest", tag: 255) == "/r/index/.1.manifest.ff")
    }
}
