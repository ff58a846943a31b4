/// Which steps or times fall onto which pixel.
struct PixelGrid {
    /// The lowest that falls onto each pixel, ascending.
    private(set) var starts: [Int64]
    /// The highest of all.
    let end: Int64

    /// Divides a range evenly; it may have fewer numbers than there are pixels.
    init(_ range: ClosedRange<Int64>, pixels: Int) {
        end = range.upperBound
        let width = UInt128(UInt64(bitPattern: range.upperBound &- range.lowerBound)) + 1
        let count = width < UInt128(pixels) ? Int(width) : Swift.max(1, pixels)
        starts = (0..<count).map { i in
            range.lowerBound &+ Int64(truncatingIfNeeded: width * UInt128(i) / UInt128(count))
        }
    }

    var count: Int { starts.count }

    /// What falls onto a pixel.
    subscript(pixel: Int) -> ClosedRange<Int64> {
        starts[pixel]...(pixel + 1 < starts.count ? starts[pixel + 1] - 1 : end)
    }

    var range: ClosedRange<Int64> { starts[0]...end }

    /// The pixel onto which a number within the range falls.
    func pixel(of number: Int64) -> Int {
        var low = 0
        var high = starts.count
        while high - low > 1 {
            let middle = (low + high) / 2
            if starts[middle] <= number { low = middle } else { high = middle }
        }
        return low
    }

    /// The pixel onto which all of a range falls, if there is one.
    func pixel(of range: ClosedRange<Int64>) -> Int? {
        guard starts[0] <= range.lowerBound, range.upperBound <= end else { return nil }
        let pixel = pixel(of: range.lowerBound)
        return self[pixel].contains(range.upperBound) ? pixel : nil
    }

    /// Moves each edge onto the nearest of some places, if that is no further than an eighth of a pixel away: where blocks
    /// of points begin there, none is cut in two, and none has to be decoded.
    mutating func snap(to places: [Int64]) {
        guard starts.count > 1, !places.isEmpty else { return }
        let even = starts
        // Of the narrowest pixel, so that edges stay in order.
        let tolerance = UInt64(bitPattern: end &- even[0]) / UInt64(even.count) / 8
        let places = places.sorted()
        var next = 0
        for i in 1..<even.count {
            while next < places.count, places[next] < even[i] { next += 1 }
            var nearest = tolerance
            for candidate in [next - 1, next] where places.indices.contains(candidate) {
                let place = places[candidate]
                let distance = UInt64(bitPattern: Swift.max(place, even[i]) &- Swift.min(place, even[i]))
                if distance <= nearest, place > starts[i - 1], place <= end {
                    nearest = distance
                    starts[i] = place
                }
            }
        }
    }
}
