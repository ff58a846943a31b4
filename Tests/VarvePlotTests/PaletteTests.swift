import Glibc
import Testing

@testable import VarvePlot

/// Shows that colours can be told apart: by people with normal sight and by those who lack one kind of cone, on a light and on a
/// dark background.
struct PaletteTests {
    /// What people without one kind of cones see, as matrices on linear RGB: protanopia, deuteranopia, tritanopia (G. Machado,
    /// M. Oliveira, L. Fernandes, 2009, severity 1).
    private static let sights: [(name: String, matrix: [[Double]])] = [
        ("normal", [[1, 0, 0], [0, 1, 0], [0, 0, 1]]),
        (
            "protanopia",
            [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
        ),
        (
            "deuteranopia",
            [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
        ),
        (
            "tritanopia",
            [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
        ),
    ]

    /// CIE L*a*b* of what is seen.
    private static func lab(_ colour: Palette.Colour, _ matrix: [[Double]]) -> [Double] {
        let linear = [16, 8, 0].map { shift -> Double in
            let value = Double((colour.rgb >> UInt32(shift)) & 0xFF) / 255
            return value <= 0.04045 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4)
        }
        let seen = matrix.map { row in max(0, min(1, zip(row, linear).map(*).reduce(0, +))) }
        let xyz = [
            (0.4124564 * seen[0] + 0.3575761 * seen[1] + 0.1804375 * seen[2]) / 0.95047,
            0.2126729 * seen[0] + 0.7151522 * seen[1] + 0.0721750 * seen[2],
            (0.0193339 * seen[0] + 0.1191920 * seen[1] + 0.9503041 * seen[2]) / 1.08883,
        ].map { $0 > 0.008856 ? cbrt($0) : 7.787 * $0 + 16.0 / 116 }
        return [116 * xyz[1] - 16, 500 * (xyz[0] - xyz[1]), 200 * (xyz[1] - xyz[2])]
    }

    private static func distance(_ a: [Double], _ b: [Double]) -> Double {
        zip(a, b).map { ($0 - $1) * ($0 - $1) }.reduce(0, +).squareRoot()
    }

    @Test func coloursStayApart() {
        for (palette, back) in [(Palette.light, Palette.Colour(0xFFFFFF)), (Palette.dark, Palette.Colour(0x0D1117))] {
            #expect(palette.count == Palette.count)
            for (name, matrix) in Self.sights {
                let seen = palette.map { Self.lab($0, matrix) }
                let ground = Self.lab(back, matrix)
                for i in seen.indices {
                    #expect(Self.distance(seen[i], ground) > 25, "\(palette[i].text) on its background, \(name)")
                    for j in 0..<i {
                        let distance = Self.distance(seen[i], seen[j])
                        // Ten is seen at a glance; two is the least that is seen at all.
                        #expect(distance > 10, "\(palette[i].text) and \(palette[j].text), \(name): \(distance)")
                    }
                }
            }
        }
        #expect(Palette.terminal256.count == Palette.count && Palette.terminal16.count == Palette.count)
    }

    /// Brighter is more, whatever one can't see.
    @Test func theScaleGetsLighter() {
        for (name, matrix) in Self.sights {
            var last = -1.0
            for step in 0...40 {
                let lightness = Self.lab(Palette.scaled(Double(step) / 40), matrix)[0]
                #expect(lightness > last, "\(step), \(name)")
                last = lightness
            }
        }
        #expect(Palette.scaled(0) == Palette.Colour(0x440154) && Palette.scaled(.nan) == Palette.scaled(-3))
        #expect(Palette.scaled(1) == Palette.Colour(0xFDE725))
    }
}
