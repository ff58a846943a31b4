import Varve

extension RunSink {
    /// Takes what a row of JSON holds under a key: numbers are points, also where they are spelt as texts, as fairseq does; truth
    /// values are 0 and 1; other texts and arrays are counted.
    func value(_ value: JSONValue, under key: String, step: Int64, time: Int64) throws(VarveError) {
        switch value {
        case .null, .object: break
        case .bool(let flag): try point(key, step: step, time: time, value: flag ? 1 : 0, type: .integer)
        case .int(let number):
            if Int64(exactly: Double(number)) != number { rounded() }
            try point(key, step: step, time: time, value: Double(number), type: .double)
        case .double(let number): try point(key, step: step, time: time, value: number, type: .double)
        case .string(let text):
            if case .number(let number, let integer) = CellValue(text) {
                if let integer, Int64(exactly: number) != integer { rounded() }
                try point(key, step: step, time: time, value: number, type: .double)
            } else {
                skipped("texts under the key \(key)")
            }
        case .array: skipped("arrays under the key \(key)")
        }
    }
}
