import Testing
import Varve

@testable import VarveImport

/// What `expected.json` of a data set says of one series, and whether points agree with it.
struct ExpectedSeries {
    let name: String
    let json: JSONValue

    /// Compares everything that the description states; `label` names the place in failures.
    func check(_ points: [CollectingSink.Point], _ label: String) {
        let values = points.map { Double(bitPattern: $0.value) }
        let finite = values.filter(\.isFinite)
        expect("points", points.count, label)
        expect("nan", values.count(where: \.isNaN), label)
        expect("pos_inf", values.count { $0 == .infinity }, label)
        expect("neg_inf", values.count { $0 == -.infinity }, label)
        expect("first", values.first, label)
        expect("last", values.last, label)
        expect("min", finite.min(), label)
        expect("max", finite.max(), label)
        var sum = ExactSum()
        for value in finite { sum.add(value) }
        if !finite.isEmpty { expect("sum", sum.value, label) }
        let steps = points.map(\.step)
        expect("step_first", steps.first, label)
        expect("step_last", steps.last, label)
        expect("step_min", steps.min(), label)
        expect("step_max", steps.max(), label)
        expect("distinct_steps", Set(steps).count, label)
        expect("steps_equal_previous", zip(steps, steps.dropFirst()).count { $0 == $1 }, label)
        expect("steps_below_previous", zip(steps, steps.dropFirst()).count { $1 < $0 }, label)
        if json["wall_first"] != nil {
            let walls = points.map { WallTime.seconds($0.time) }
            expect("wall_first", walls.first, label)
            expect("wall_last", walls.last, label)
            expect("wall_min", walls.min(), label)
            expect("wall_max", walls.max(), label)
        }
    }

    private func expect(_ key: String, _ found: Int, _ label: String) { expect(key, Int64(found), label) }

    private func expect(_ key: String, _ found: Int64?, _ label: String) {
        #expect(json[key]?.intValue == found, "\(label) \(name): \(key)")
    }

    /// Doubles stand there as text, so that they are compared bit for bit.
    private func expect(_ key: String, _ found: Double?, _ label: String) {
        guard let text = json[key]?.stringValue, case .number(let value, _) = CellValue(text), let found else {
            #expect(json[key]?.stringValue == nil && found == nil, "\(label) \(name): \(key)")
            return
        }
        let isSame = value.isNaN ? found.isNaN : value.bitPattern == found.bitPattern
        #expect(isSame, "\(label) \(name): \(key) is \(value), found \(found)")
    }
}
