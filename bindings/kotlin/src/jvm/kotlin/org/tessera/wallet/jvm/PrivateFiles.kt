package org.tessera.wallet.jvm

import java.io.IOException
import java.nio.file.FileAlreadyExistsException
import java.nio.file.Files
import java.nio.file.Path
import java.nio.file.StandardOpenOption
import java.nio.file.attribute.PosixFilePermissions

private val ownerOnly = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))

/** Writes a new file that only its owner can read, on systems that know owners. Fails where it exists. */
@Throws(FileAlreadyExistsException::class, IOException::class)
internal fun writeNewPrivateFile(path: Path, content: ByteArray) {
    val posix = "posix" in path.fileSystem.supportedFileAttributeViews()
    if (posix) Files.createFile(path, ownerOnly) else Files.createFile(path)
    Files.write(path, content, StandardOpenOption.WRITE)
}
