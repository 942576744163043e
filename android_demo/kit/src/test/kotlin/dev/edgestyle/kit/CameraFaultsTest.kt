package dev.edgestyle.kit

import dev.edgestyle.kit.android.DeviceState
import dev.edgestyle.kit.android.cameraErrorOfAccess
import dev.edgestyle.kit.android.cameraErrorOfState
import dev.edgestyle.kit.core.CameraError
import org.junit.Assert.assertEquals
import org.junit.Assert.assertNull
import org.junit.Assert.assertTrue
import org.junit.Test

class CameraFaultsTest {
    @Test
    fun aBusyCameraIsSaidHoweverItIsReported() {
        assertTrue(cameraErrorOfState(1) is CameraError.Busy)
        assertTrue(cameraErrorOfState(2) is CameraError.Busy)
        assertTrue(cameraErrorOfAccess(4, Exception()) is CameraError.Busy)
        assertTrue(cameraErrorOfAccess(5, Exception()) is CameraError.Busy)
    }

    @Test
    fun aDisabledOrBrokenCameraIsSaid() {
        assertTrue(cameraErrorOfState(3) is CameraError.Disabled)
        assertTrue(cameraErrorOfAccess(1, Exception()) is CameraError.Disabled)
        assertTrue(cameraErrorOfState(4) is CameraError.Unavailable)
        assertTrue(cameraErrorOfState(99) is CameraError.Unavailable)
        assertTrue(cameraErrorOfAccess(2, Exception()) is CameraError.Unavailable)
        assertEquals("the camera permission was refused", CameraError.Refused().message)
    }

    @Test
    fun memoryIsReadFromTheKernel() {
        assertEquals(91_234L * 1024, DeviceState.parsePeakRss(sequenceOf("Name:\tdemo", "VmHWM:\t   91234 kB")))
        assertNull(DeviceState.parsePeakRss(sequenceOf("Name:\tdemo")))
    }
}
