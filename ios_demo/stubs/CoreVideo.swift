// Stand-ins for the members of CoreVideo that the kit uses; see CoreGraphics.swift.
@_exported import CoreGraphics

public final class CVBuffer {
    public init() {}
}
public final class CVPixelBufferPool {}
public typealias CVPixelBuffer = CVBuffer
public typealias CVReturn = Int32
public typealias CVImageBuffer = CVBuffer
public final class CFAllocator {}

public struct CVPixelBufferLockFlags: OptionSet, Sendable {
    public static let readOnly = CVPixelBufferLockFlags(rawValue: 1)
    public let rawValue: UInt64
    public init(rawValue: UInt64) { self.rawValue = rawValue }
}

public let kCVReturnSuccess: CVReturn = 0
public let kCVPixelFormatType_32BGRA: UInt32 = 0
public let kCVPixelFormatType_OneComponent8: UInt32 = 0
public let kCVPixelBufferIOSurfacePropertiesKey: CFString = ""
public let kCVPixelBufferMetalCompatibilityKey: CFString = ""
public let kCVPixelBufferPixelFormatTypeKey: CFString = ""
public let kCVPixelBufferWidthKey: CFString = ""
public let kCVPixelBufferHeightKey: CFString = ""
public nonisolated(unsafe) let kCFAllocatorDefault: CFAllocator? = nil

public func CVPixelBufferGetWidth(_ buffer: CVPixelBuffer) -> Int { 0 }
public func CVPixelBufferGetHeight(_ buffer: CVPixelBuffer) -> Int { 0 }
public func CVPixelBufferGetBytesPerRow(_ buffer: CVPixelBuffer) -> Int { 0 }
public func CVPixelBufferGetPixelFormatType(_ buffer: CVPixelBuffer) -> UInt32 { 0 }
public func CVPixelBufferGetBaseAddress(_ buffer: CVPixelBuffer) -> UnsafeMutableRawPointer? { nil }
@discardableResult
public func CVPixelBufferLockBaseAddress(_ buffer: CVPixelBuffer, _ flags: CVPixelBufferLockFlags) -> CVReturn { 0 }
@discardableResult
public func CVPixelBufferUnlockBaseAddress(_ buffer: CVPixelBuffer, _ flags: CVPixelBufferLockFlags) -> CVReturn { 0 }
public func CVPixelBufferCreate(
    _ allocator: CFAllocator?, _ width: Int, _ height: Int, _ format: UInt32, _ attributes: CFDictionary?,
    _ made: UnsafeMutablePointer<CVPixelBuffer?>
) -> CVReturn { 0 }
@discardableResult
public func CVPixelBufferPoolCreate(
    _ allocator: CFAllocator?, _ pool: CFDictionary?, _ attributes: CFDictionary?,
    _ made: UnsafeMutablePointer<CVPixelBufferPool?>
) -> CVReturn { 0 }
@discardableResult
public func CVPixelBufferPoolCreatePixelBuffer(
    _ allocator: CFAllocator?, _ pool: CVPixelBufferPool, _ made: UnsafeMutablePointer<CVPixelBuffer?>
) -> CVReturn { 0 }
