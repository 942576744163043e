import Foundation

/// Files that are written whole or not at all.
public enum WholeFile {
    /// Write a file under another name, and rename it; a file that was there is there until then.
    ///
    /// - Throws: `PictureError.storageFull` where there is no room, `PictureError.notSaved` for what else goes wrong.
    public static func write(_ data: Data, to url: URL) throws(PictureError) {
        do {
            try FileManager.default.createDirectory(
                at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
            try data.write(to: url, options: .atomic)
        } catch {
            throw describe(error)
        }
    }

    /// What is told of an error that a file was written with.
    public static func describe(_ error: any Error) -> PictureError {
        let cocoa = error as NSError
        let below = cocoa.userInfo[NSUnderlyingErrorKey] as? NSError
        for one in [cocoa, below].compactMap({ $0 }) {
            let isCocoa = one.domain == NSCocoaErrorDomain && one.code == CocoaError.Code.fileWriteOutOfSpace.rawValue
            if isCocoa || (one.domain == NSPOSIXErrorDomain && one.code == Int(ENOSPC)) { return .storageFull }
        }
        return .notSaved(error.localizedDescription)
    }
}
