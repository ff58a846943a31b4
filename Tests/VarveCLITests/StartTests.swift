import Testing

/// What happens before the program does anything: its start must not be felt by who calls it a thousand times in a loop.
struct StartTests {
    /// Foundation and its tables of all the world's languages take longer to load than all else.
    @Test func onlyWhatIsUsedIsLoaded() throws {
        let loaded = try Shell().succeed("LD_TRACE_LOADED_OBJECTS=1 varve").output
        #expect(loaded.contains("libswiftCore.so") && loaded.contains("libFoundationEssentials.so"))
        for library in ["libFoundation.so", "libFoundationInternationalization.so", "lib_FoundationICU.so"] {
            #expect(!loaded.contains(library))
        }
    }
}
