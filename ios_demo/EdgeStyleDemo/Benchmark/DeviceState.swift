import EdgeStyleKit
import Foundation
import UIKit

/// What a phone tells of itself.
@MainActor
enum DeviceState {
    /// The phone now.
    static var moment: DeviceMoment {
        UIDevice.current.isBatteryMonitoringEnabled = true
        let level = UIDevice.current.batteryLevel  // below 0 where it is not known
        return DeviceMoment(
            batteryPercent: level < 0 ? nil : Double(level * 100).rounded(),
            lowPowerMode: ProcessInfo.processInfo.isLowPowerModeEnabled, thermalState: thermalWord)
    }

    /// Such as "iOS 18.5".
    static var system: String { "\(UIDevice.current.systemName) \(UIDevice.current.systemVersion)" }

    /// `ProcessInfo`'s word: nominal, fair, serious or critical.
    nonisolated static var thermalWord: String {
        switch ProcessInfo.processInfo.thermalState {
        case .nominal: "nominal"
        case .fair: "fair"
        case .serious: "serious"
        case .critical: "critical"
        @unknown default: "unknown"
        }
    }

    /// Most memory that the app has taken; nil where the system does not say.
    nonisolated static var peakRSSBytes: Int? {
        let ofThisProcess: Int32 = 0  // RUSAGE_SELF
        var usage = rusage()
        return getrusage(ofThisProcess, &usage) == 0 ? Int(usage.ru_maxrss) : nil
    }

    /// Nanoseconds of a clock that never goes back.
    nonisolated static var nanoseconds: UInt64 { DispatchTime.now().uptimeNanoseconds }
}
