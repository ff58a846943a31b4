import Testing
import VarveFiles
import VarveTestSupport

@testable import Varve

/// Results come in the order of the items, each once, whatever the number of threads.
struct ParallelWorkTests {
    @Test(arguments: [1, 2, 7], [0, 1, 5, 1000]) func keepsOrder(_ threads: Int, _ count: Int) {
        let seen = Guarded<[Int]>([])
        let result = ParallelWork.map(Array(0..<count), threads: threads) {
            // Kept by a thread between items.
            var before = -1
            return { (item: Int) -> (item: Int, isAscending: Bool) in
                seen.withLock { $0.append(item) }
                defer { before = item }
                return (item, before < item)
            }
        }
        #expect(result.map { $0.item } == Array(0..<count) && result.allSatisfy { $0.isAscending })
        #expect(seen.withLock { $0.sorted() } == Array(0..<count))
    }

    @Test(arguments: [1, 2, 7], [0, 1, 63, 64, 65, 1000]) func fillsAnArray(_ threads: Int, _ count: Int) {
        let made = ParallelWork.array(count: count, batch: 64, threads: threads) { range, elements in
            // Texts: what has to be released.
            for number in range { elements.append([String(repeating: "x", count: number)]) }
        }
        #expect(made == (0..<count).map { [String(repeating: "x", count: $0)] })
    }

    @Test func doesTwoThingsAtOnce() {
        for number in 0..<200 {
            let (first, second) = ParallelWork.both {
                number
            } _: {
                -number
            }
            #expect(first == number && second == -number)
        }
    }
}
