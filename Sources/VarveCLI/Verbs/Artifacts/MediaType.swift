import Glibc

/// What files are, by the ending of their names: the few that people look at.
enum MediaType {
    private static let types = [
        "bmp": "image/bmp", "csv": "text/csv", "gif": "image/gif", "gz": "application/gzip", "html": "text/html",
        "ipynb": "application/x-ipynb+json", "jpeg": "image/jpeg", "jpg": "image/jpeg", "json": "application/json",
        "jsonl": "application/jsonl", "log": "text/plain", "md": "text/markdown", "mp4": "video/mp4",
        "npy": "application/x-npy", "onnx": "application/x-onnx", "parquet": "application/vnd.apache.parquet",
        "pdf": "application/pdf", "pkl": "application/x-pickle", "png": "image/png", "pt": "application/x-pytorch",
        "pth": "application/x-pytorch", "py": "text/x-python", "safetensors": "application/x-safetensors",
        "svg": "image/svg+xml", "tar": "application/x-tar", "tsv": "text/tab-separated-values", "txt": "text/plain",
        "wav": "audio/wav", "webp": "image/webp", "yaml": "application/yaml", "yml": "application/yaml",
        "zip": "application/zip",
    ]

    /// Empty if nobody knows.
    static func guess(_ path: String) -> String {
        guard let dot = path.lastIndex(of: "."), !path[dot...].contains("/") else { return "" }
        return types[path[path.index(after: dot)...].lowercased()] ?? ""
    }

    /// Whether there is a file of that name.
    static func isThere(_ path: String) -> Bool { access(path, F_OK) == 0 }
}
