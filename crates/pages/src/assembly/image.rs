//! The file that holds an assembly: where in it lies what is asked for by its address in memory.

use super::bytes::{part, u32_at};
use object::LittleEndian;
use object::pe::{
    IMAGE_DIRECTORY_ENTRY_COM_DESCRIPTOR, IMAGE_NT_OPTIONAL_HDR64_MAGIC, ImageNtHeaders32, ImageNtHeaders64,
};
use object::read::pe::{ImageNtHeaders, PeFile, SectionTable, optional_header_magic};

/// An assembly's file.
pub(super) struct Image<'b> {
    bytes: &'b [u8],
    sections: SectionTable<'b>,
    /// Where the header of the runtime lies in memory.
    runtime: u32,
}

impl<'b> Image<'b> {
    /// Reads a file; none where it is no program, or none of .NET.
    pub(super) fn of(bytes: &'b [u8]) -> Option<Self> {
        if optional_header_magic(bytes).ok()? == IMAGE_NT_OPTIONAL_HDR64_MAGIC {
            Self::with::<ImageNtHeaders64>(bytes)
        } else {
            Self::with::<ImageNtHeaders32>(bytes)
        }
    }

    fn with<Header: ImageNtHeaders>(bytes: &'b [u8]) -> Option<Self> {
        let file = PeFile::<Header>::parse(bytes).ok()?;
        let directory = file.data_directories().get(IMAGE_DIRECTORY_ENTRY_COM_DESCRIPTOR)?;
        let runtime = directory.virtual_address.get(LittleEndian);
        Some(Self { bytes, sections: file.section_table(), runtime })
    }

    /// Returns what lies at an address, to the end of its section.
    pub(super) fn at(&self, address: u32) -> Option<&'b [u8]> {
        self.sections.pe_data_at(self.bytes, address)
    }

    /// Returns the metadata, which the header of the runtime names (II.25.3.3).
    pub(super) fn metadata(&self) -> Option<&'b [u8]> {
        let header = self.at(self.runtime)?;
        let (address, length) = (u32_at(header, 8)?, u32_at(header, 12)?);
        part(self.at(address)?, 0, length)
    }
}
